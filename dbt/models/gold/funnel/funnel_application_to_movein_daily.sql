{{ config(indexes=[
    {'columns': ['activity_date', 'municipality', 'nationality', 'nationality_is_predicted', 'tenant_type'], 'primary': true},
]) }}

with matched as (
    select
        inquiries.inquiry_date,
        tenants.nationality,
        coalesce(tenants.is_nationality_predicted, 0) as nationality_is_predicted,
        contracts.municipality,
        contracts.tenant_type,
        {{ boolean('contracts.effective_movein_date between inquiries.inquiry_date and ' ~ target_date()) }}
            as is_movein,
        row_number() over (
            partition by inquiries.inquiry_id
            order by
                coalesce(contracts.effective_movein_date >= inquiries.inquiry_date, 0) desc,
                contracts.effective_movein_date is null,
                abs(datediff(contracts.effective_movein_date, inquiries.inquiry_date)),
                contracts.contract_id
        ) as choice
    from {{ ref('stg_inquiries') }} as inquiries
    left join {{ ref('stg_tenants') }} as tenants on inquiries.tenant_id = tenants.tenant_id
    left join {{ ref('int_contracts') }} as contracts
        on inquiries.tenant_id = contracts.tenant_id and contracts.is_valid_contract
    where inquiries.inquiry_date <= {{ target_date() }}
)

select
    inquiry_date as activity_date,
    coalesce(municipality, 'unknown') as municipality,
    coalesce(nationality, 'unknown') as nationality,
    nationality_is_predicted,
    coalesce(tenant_type, 'unknown') as tenant_type,
    count(*) as inquiry_count,
    sum(is_movein) as inquiry_to_movein_count,
    round(sum(is_movein) / count(*), 4) as inquiry_to_movein_rate,
    {{ target_date() }} as as_of_date
from matched
-- an inquiry counts once, however many contracts its tenant has: joining them all once tripled the figure
where choice = 1
group by
    inquiry_date,
    coalesce(municipality, 'unknown'),
    coalesce(nationality, 'unknown'),
    nationality_is_predicted,
    coalesce(tenant_type, 'unknown')
