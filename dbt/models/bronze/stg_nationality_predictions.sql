{{ config(materialized='swapped_table', indexes=[{'columns': ['tenant_id'], 'primary': true}]) }}

{%- set placeholder = nationality_placeholders() -%}
{%- set sources = "'" ~ nationality_sources() | join("', '") ~ "'" %}

-- only names of tenants without a nationality are hashed
with unrecorded as (
    select
        tenants.id as tenant_id,
        {{ tenant_name('tenants') }} as full_name,
        {{ clean_date('tenants.birth_date') }} as birth_date
    from {{ source('staging', 'tenants') }} as tenants
    left join {{ source('staging', 'm_nationalities') }} as nationalities
        on tenants.m_nationality_id = nationalities.id
    where
        coalesce({{ clean_string('tenants.nationality') }} in {{ placeholder }}, true)
        and coalesce({{ clean_string('nationalities.nationality_name') }} in {{ placeholder }}, true)
),

answers as (
    select
        unrecorded.tenant_id,
        predictions.*
    from unrecorded
    inner join {{ source('ops', 'nationality_predictions') }} as predictions
        on
            predictions.name_hash = {{ name_hash('unrecorded.full_name') }}
            and predictions.source <> 'same_person'
    union all
    select
        unrecorded.tenant_id,
        predictions.*
    from unrecorded
    inner join {{ source('ops', 'nationality_predictions') }} as predictions
        on
            predictions.name_hash = {{ person_hash('unrecorded.full_name', 'unrecorded.birth_date') }}
            and predictions.source = 'same_person'
),

-- the newest measurement up to the date decides; of two versions on one date a bad one
measured as (
    select
        source,
        is_used,
        rank() over (partition by source order by evaluated_on desc) as newest
    from {{ source('ops', 'nationality_evaluation') }}
    where part = 'all' and evaluated_on <= {{ target_date() }}
),

-- a source speaks by its newest answer, which may be that it does not know any more
spoken as (
    select
        answers.tenant_id,
        answers.source,
        {{ clean_string('answers.nationality') }} as nationality,
        answers.confidence,
        row_number() over (
            partition by answers.tenant_id, answers.source
            order by answers.first_business_date desc, answers.model_version asc
        ) as newest
    from answers
    where
        answers.source in ({{ sources }})
        and (answers.first_business_date <= {{ target_date() }} or answers.source = 'forgotten')
),

ranked as (
    select
        spoken.tenant_id,
        spoken.nationality,
        spoken.confidence,
        convert(spoken.source using utf8mb4) collate utf8mb4_unicode_ci as prediction_source,
        row_number() over (
            partition by spoken.tenant_id
            order by field(spoken.source, {{ sources }})
        ) as choice
    from spoken
    where
        spoken.newest = 1
        and (
            spoken.source = 'forgotten'
            or (
                spoken.confidence >= {{ var('nationality_threshold') }}
                and spoken.nationality not in {{ placeholder }}
                and spoken.source not in (
                    select measured.source from measured
                    where measured.newest = 1 and measured.is_used = 0
                )
            )
        )
)

select
    tenant_id,
    nationality,
    confidence,
    prediction_source
from ranked
where choice = 1 and prediction_source <> 'forgotten'
