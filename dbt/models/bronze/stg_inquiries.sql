select
    id as inquiry_id,
    tenant_id,
    date({{ jst('created_at') }}) as inquiry_date,
    {{ jst('created_at') }} as inquiry_timestamp,
    {{ jst('updated_at') }} as updated_at,
    -- a list, not a join: two tenants may point at one inquiry
    id in (
        select tenants.inquiry_id from {{ source('staging', 'tenants') }} as tenants
        where tenants.inquiry_id is not null
    ) as converted_to_tenant
from {{ source('staging', 'inquiries') }}
