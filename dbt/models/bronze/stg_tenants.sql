{%- set placeholder = nationality_placeholders() -%}

with cleaned as (
    select
        tenants.id as tenant_id,
        {{ tenant_name('tenants') }} as full_name,
        {{ clean_string('tenants.last_name') }} as last_name,
        {{ clean_string('tenants.first_name') }} as first_name,
        {{ clean_string('tenants.full_name_kana') }} as full_name_kana,
        tenants.gender_type as gender_code,
        {{ clean_date('tenants.birth_date') }} as birth_date,
        tenants.age as stored_age,
        tenants.m_nationality_id,
        {{ clean_string('tenants.nationality') }} as original_nationality,
        {{ clean_string('nationalities.nationality_name') }} as master_nationality,
        predicted.nationality as predicted_nationality,
        predicted.confidence as prediction_confidence,
        predicted.prediction_source,
        {{ clean_string('tenants.personal_identity') }} as personal_identity_raw,
        {{ code_in_text('tenants.personal_identity') }} as personal_identity_code,
        {{ clean_string('tenants.affiliation') }} as affiliation,
        tenants.affiliation_type as affiliation_type_code,
        tenants.status as tenant_status_code,
        tenants.contract_type,
        tenants.media_id as contract_channel,
        {{ code_in_text('tenants.reason_moveout') }} as moveout_reason_code,
        tenants.moving_id as current_moving_id,
        {{ clean_string('tenants.email_1') }} as email_1,
        {{ clean_string('tenants.email_2') }} as email_2,
        {{ clean_string('tenants.tel_1') }} as phone_1,
        {{ clean_string('tenants.tel_2') }} as phone_2,
        {{ clean_string('tenants.account_number') }} as account_number,
        {{ jst('tenants.created_at') }} as created_at,
        {{ jst('tenants.updated_at') }} as updated_at
    from {{ source('staging', 'tenants') }} as tenants
    left join {{ source('staging', 'm_nationalities') }} as nationalities
        on tenants.m_nationality_id = nationalities.id
    left join {{ ref('stg_nationality_predictions') }} as predicted
        on tenants.id = predicted.tenant_id
)

select
    cleaned.tenant_id,
    cleaned.full_name,
    cleaned.last_name,
    cleaned.first_name,
    cleaned.full_name_kana,
    cleaned.gender_code,
    {{ label('genders.label_ja', 'cleaned.gender_code') }} as gender_ja,
    {{ label('genders.label_en', 'cleaned.gender_code') }} as gender,
    cleaned.birth_date,
    cleaned.stored_age,
    cleaned.m_nationality_id,
    cleaned.original_nationality,
    case
        when cleaned.original_nationality not in {{ placeholder }} then cleaned.original_nationality
        when cleaned.master_nationality not in {{ placeholder }} then cleaned.master_nationality
        else coalesce(cleaned.predicted_nationality, 'その他')
    end as nationality,
    case
        when cleaned.original_nationality not in {{ placeholder }} then 'original'
        when cleaned.master_nationality not in {{ placeholder }} then 'lookup_table'
        when cleaned.prediction_source is not null then cleaned.prediction_source
        when cleaned.original_nationality in {{ placeholder }} or cleaned.master_nationality in {{ placeholder }}
            then 'lesotho_placeholder'
        else 'missing'
    end as nationality_data_source,
    -- by the vendor's own records, whatever was predicted
    {{ boolean(
        "cleaned.original_nationality not in " ~ placeholder ~ " or cleaned.master_nationality not in " ~ placeholder
    ) }} as is_nationality_recorded,
    -- that a company has none is no guess
    {{ boolean("cleaned.prediction_source <> 'not_a_person'") }} as is_nationality_predicted,
    cleaned.predicted_nationality,
    cleaned.prediction_confidence,
    cleaned.prediction_source,
    cleaned.personal_identity_raw,
    {{ label('identities.label_ja', 'cleaned.personal_identity_code') }} as personal_identity_ja,
    {{ label('identities.label_en', 'cleaned.personal_identity_code') }} as personal_identity_en,
    cleaned.affiliation,
    cleaned.affiliation_type_code,
    {{ label('affiliations.label_ja', 'cleaned.affiliation_type_code') }} as affiliation_type_ja,
    {{ label('affiliations.label_en', 'cleaned.affiliation_type_code') }} as affiliation_type_en,
    cleaned.tenant_status_code,
    {{ label('statuses.label_ja', 'cleaned.tenant_status_code') }} as tenant_status_ja,
    {{ label('statuses.label_en', 'cleaned.tenant_status_code') }} as tenant_status_en,
    {{ boolean('statuses.is_active_lease') }} as is_active_lease,
    {{ boolean(status_in('PRESENT', 'cleaned.tenant_status_code')) }} as is_physically_present,
    cleaned.contract_type,
    cleaned.contract_channel,
    cleaned.moveout_reason_code,
    {{ label('reasons.label_ja', 'cleaned.moveout_reason_code') }} as moveout_reason_ja,
    {{ label('reasons.label_en', 'cleaned.moveout_reason_code') }} as moveout_reason_en,
    cleaned.current_moving_id,
    cleaned.email_1,
    cleaned.email_2,
    cleaned.phone_1,
    cleaned.phone_2,
    cleaned.account_number,
    cleaned.created_at,
    cleaned.updated_at
from cleaned
left join {{ ref('code_gender') }} as genders on cleaned.gender_code = genders.code
left join {{ ref('code_personal_identity') }} as identities on cleaned.personal_identity_code = identities.code
left join {{ ref('code_affiliation_type') }} as affiliations on cleaned.affiliation_type_code = affiliations.code
left join {{ ref('code_tenant_status') }} as statuses on cleaned.tenant_status_code = statuses.code
left join {{ ref('code_moveout_reason') }} as reasons on cleaned.moveout_reason_code = reasons.code
