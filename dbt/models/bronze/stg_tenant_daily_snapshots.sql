-- a view over ten million rows: only columns, so that the server reads the table itself by its keys
select
    snapshot_date,
    tenant_id,
    status as tenant_status_code,
    contract_type as contract_type_code
from {{ source('history', 'tenant_daily_snapshots') }}
