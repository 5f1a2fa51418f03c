select
    business_date,
    is_gap,
    {{ clean_string('reason') }} as reason,
    {{ clean_string('declared_by') }} as declared_by,
    declared_at
from {{ source('ops', 'date_overrides') }}
