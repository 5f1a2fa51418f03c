{{ config(indexes=[{'columns': ['contract_id'], 'primary': true}, {'columns': ['moveout_date']}]) }}

select
    {{ contract_columns() }},
    {{ moveout_columns() }},
    {{ record_columns() }}
from {{ ref('int_contracts') }}
where {{ is_moveout() }}
