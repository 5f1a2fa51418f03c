{{ config(indexes=[
    {'columns': ['contract_id'], 'primary': true},
    {'columns': ['contract_date']},
    {'columns': ['effective_moveout_date']},
    {'columns': ['tenant_type']},
    {'columns': ['asset_id_hj']},
]) }}

with ranked as (
    select
        movings.*,
        -- a renewal is signed long after the move-in; the vendor keeps no date of the first signing
        coalesce(case when movings.is_renewal then movings.original_contract_date end, movings.contract_date)
            as applied_on,
        row_number() over (
            partition by movings.tenant_id, movings.apartment_id, movings.room_id
            order by movings.contract_start_date desc, movings.updated_at desc, movings.moving_id desc
        ) as recency
    from {{ ref('stg_movings') }} as movings
),

contracts as (
    select
        ranked.moving_id as contract_id,
        ranked.tenant_id,
        ranked.apartment_id,
        ranked.room_id,
        apartments.asset_id_hj,
        apartments.apartment_name,
        apartments.apartment_name_en,
        rooms.room_number,
        ranked.contract_date,
        ranked.contract_start_date,
        ranked.rent_start_date,
        ranked.contract_expiration_date,
        ranked.original_contract_date,
        ranked.cancellation_notice_date,
        ranked.effective_movein_date,
        ranked.effective_moveout_date,
        ranked.contract_type_code,
        ranked.contract_type_ja,
        ranked.contract_type_en,
        ranked.tenant_type,
        ranked.is_renewal,
        ranked.is_valid_contract,
        ranked.is_completed_moveout,
        ranked.monthly_rent,
        ranked.condo_fee,
        ranked.administrative_fee,
        ranked.moveout_fee,
        tenants.gender_code,
        tenants.gender,
        {{ label_in_both('tenants.gender_ja', 'tenants.gender', "'不明 Unknown'") }} as gender_label,
        {{ age('tenants.birth_date', 'tenants.stored_age', target_date()) }} as age,
        tenants.nationality,
        tenants.is_nationality_predicted as nationality_is_predicted,
        case
            when tenants.is_nationality_predicted then 'predicted'
            when tenants.is_nationality_recorded then 'recorded'
            else 'none'
        end as nationality_basis,
        tenants.affiliation_type_ja,
        tenants.affiliation_type_en,
        tenants.personal_identity_ja as residence_status_ja,
        tenants.personal_identity_en as residence_status,
        tenants.contract_channel,
        coalesce(concat('チャンネル Channel ', tenants.contract_channel), '不明 Unknown') as contract_channel_label,
        tenants.tenant_status_code,
        tenants.tenant_status_en,
        tenants.is_active_lease,
        tenants.is_physically_present,
        tenants.moveout_reason_code,
        tenants.moveout_reason_ja,
        tenants.moveout_reason_en,
        {{ label_in_both(
            'tenants.moveout_reason_ja', 'tenants.moveout_reason_en',
            "concat(reason_not_set.label_ja, ' ', reason_not_set.label_en)",
        ) }} as moveout_reason_label,
        -- a reason that nobody gave comes last, behind codes without a label
        coalesce(least(nullif(tenants.moveout_reason_code, 0), 98), 99) as moveout_reason_order,
        apartments.latitude,
        apartments.longitude,
        apartments.prefecture,
        apartments.municipality,
        apartments.full_address,
        apartments.room_count as property_total_rooms,
        apartments.vacancy_room_count as property_vacant_rooms,
        datediff(ranked.effective_moveout_date, ranked.effective_movein_date) as total_stay_days,
        timestampdiff(month, ranked.effective_movein_date, ranked.effective_moveout_date) as total_stay_months,
        datediff(ranked.effective_moveout_date, ranked.cancellation_notice_date) as notice_lead_time_days,
        case
            when ranked.effective_movein_date >= ranked.applied_on
                then datediff(ranked.effective_movein_date, ranked.applied_on)
        end as lead_time_days,
        ranked.created_at,
        ranked.updated_at
    from ranked
    inner join {{ ref('stg_tenants') }} as tenants on ranked.tenant_id = tenants.tenant_id
    inner join {{ ref('stg_apartments') }} as apartments on ranked.apartment_id = apartments.apartment_id
    inner join {{ ref('stg_rooms') }} as rooms on ranked.room_id = rooms.room_id
    left join {{ ref('code_moveout_reason') }} as reason_not_set on reason_not_set.code = 0
    where ranked.recency = 1
),

profiled as (
    select
        contracts.*,
        {{ boolean('latitude is not null and longitude is not null') }} as is_located,
        {{ rent_range('monthly_rent') }} as rent_range,
        {{ age_group('age') }} as age_group,
        {{ tenure_category('total_stay_months') }} as tenure_category,
        {{ tenure_bin('total_stay_months') }} as tenure_bin,
        {{ lead_time_bucket('lead_time_days') }} as lead_time_bucket,
        case when contracts.is_renewal then 'renewal' else 'new' end as renewal,
        case when contracts.is_completed_moveout then 'Completed' else 'Pending' end as moveout_status
    from contracts
)

select
    profiled.*,
    tenant_type_bucket.sort_order as tenant_type_order,
    tenant_type_bucket.label as tenant_type_label,
    rent_range_bucket.sort_order as rent_range_order,
    rent_range_bucket.label as rent_range_label,
    age_group_bucket.sort_order as age_group_order,
    age_group_bucket.label as age_group_label,
    tenure_category_bucket.sort_order as tenure_category_order,
    tenure_category_bucket.label as tenure_category_label,
    tenure_bin_bucket.sort_order as tenure_bin_order,
    tenure_bin_bucket.label as tenure_bin_label,
    lead_time_bucket_bucket.sort_order as lead_time_bucket_order,
    lead_time_bucket_bucket.label as lead_time_bucket_label,
    renewal_bucket.sort_order as renewal_order,
    renewal_bucket.label as renewal_label,
    moveout_status_bucket.sort_order as moveout_status_order,
    moveout_status_bucket.label as moveout_status_label,
    nationality_basis_bucket.sort_order as nationality_basis_order,
    nationality_basis_bucket.label as nationality_basis_label,
    {{ boolean('is_valid_contract and is_located and ' ~ is_reported('contract_date')) }} as is_reportable_contract,
    -- a move-in needs neither a date of signing nor a rent
    {{ boolean(
        'is_valid_contract and is_located and ' ~ is_reported('effective_movein_date')
    ) }} as is_reportable_movein,
    {{ boolean(
        'is_completed_moveout and is_valid_contract and is_located and ' ~ is_reported('effective_moveout_date')
    ) }} as is_reportable_moveout
from profiled
{{ join_bucket('tenant_type', 'profiled.tenant_type') }}
{{ join_bucket('rent_range', 'profiled.rent_range') }}
{{ join_bucket('age_group', 'profiled.age_group') }}
{{ join_bucket('tenure_category', 'profiled.tenure_category') }}
{{ join_bucket('tenure_bin', 'profiled.tenure_bin') }}
{{ join_bucket('lead_time_bucket', 'profiled.lead_time_bucket') }}
{{ join_bucket('renewal', 'profiled.renewal') }}
{{ join_bucket('moveout_status', 'profiled.moveout_status') }}
{{ join_bucket('nationality_basis', 'profiled.nationality_basis') }}
