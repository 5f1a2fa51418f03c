{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['contract_date']}]) }}

select
    {{ contract_columns() }}
from {{ ref('int_contracts') }}
where
    is_valid_contract
    and contract_date between date '{{ var('min_valid_date') }}' and {{ target_date() }}
    and latitude is not null
    and longitude is not null
