{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['contract_date']}]) }}

select
    {{ contract_columns() }},
    {{ record_columns() }}
from {{ ref('int_contracts') }}
where {{ is_new_contract() }}
