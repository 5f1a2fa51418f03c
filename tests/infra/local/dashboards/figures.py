"""What each visual shows, as a SELECT written for the test: by dates and codes, without the columns made for readers.

`{d}` is the business date, which is that of the newest facts too. A row has the dimensions of the visual in the order
of its fields, then its figures.
"""

from __future__ import annotations

MONTH_ENDS = "gold.kpi_month_end_metrics where snapshot_date = last_day(snapshot_date)"
FACTS = "gold.occupancy_daily_metrics where is_projection = 0"
LABEL = "(select label from seeds.code_bucket where dimension = '{}' and value = {})"
MONTH = "date_format({}, '%%Y-%%m-01')"
WEEK = "date_sub({0}, interval weekday({0}) day)"
TYPE = LABEL.format("tenant_type", "tenant_type")
HELD_BY = LABEL.format("tenant_type", "coalesce(types.tenant_type, 'unknown')")
AGE = LABEL.format(
    "age_group",
    "case when age is null then 'Unknown' when age < 25 then 'Under 25' when age < 35 then '25-34' "
    "when age < 45 then '35-44' when age < 55 then '45-54' else '55+' end",
)
RENT = LABEL.format(
    "rent_range",
    "case when monthly_rent is null then 'Unknown' when monthly_rent < 50000 then 'Under 50K' "
    "when monthly_rent < 70000 then '50K-70K' when monthly_rent < 100000 then '70K-100K' "
    "when monthly_rent < 150000 then '100K-150K' else '150K+' end",
)
STAY = LABEL.format(
    "tenure_bin",
    "case when total_stay_months is null then 'Unknown' when total_stay_months < 6 then '0-6' "
    "when total_stay_months < 12 then '6-12' when total_stay_months < 18 then '12-18' "
    "when total_stay_months < 24 then '18-24' when total_stay_months < 36 then '24-36' else '36+' end",
)
RENEWAL = LABEL.format("renewal", "if(is_renewal, 'renewal', 'new')")
BASIS = LABEL.format("nationality_basis", "nationality_basis")
CHANNEL = "coalesce(concat('チャンネル Channel ', contract_channel), '不明 Unknown')"
GENDER = (
    "coalesce((select concat(label_ja, ' ', label_en) from seeds.code_gender where label_en = gender), '不明 Unknown')"
)
REASON = "coalesce(concat(moveout_reason_ja, ' ', moveout_reason_en), '未設定 (Not set)')"
RATE = LABEL.format(
    "rate_band",
    "case when occupancy_rate < 0.5 then 'Under 50%%' when occupancy_rate < 0.7 then '50-70%%' "
    "when occupancy_rate < 0.85 then '70-85%%' when occupancy_rate < 0.95 then '85-95%%' else '95%%+' end",
)
RENTS = LABEL.format(
    "rent_band",
    "case when mean_rent_jpy is null then 'Unknown' when mean_rent_jpy < 45000 then 'Under 45K' "
    "when mean_rent_jpy < 55000 then '45K-55K' when mean_rent_jpy < 65000 then '55K-65K' "
    "when mean_rent_jpy < 75000 then '65K-75K' else '75K+' end",
)
CONTRACTS = "silver.int_contracts where is_reportable_contract and contract_date <= '{d}'"
MOVEOUTS = "silver.int_contracts where is_reportable_moveout and effective_moveout_date <= '{d}'"
MOVEINS = "silver.int_contracts where is_reportable_movein and effective_movein_date <= '{d}'"
LAST_24 = "{} >= date_format('{{d}}' - interval 23 month, '%%Y-%%m-01')"
CONTRACTS_24 = f"{CONTRACTS} and {LAST_24.format('contract_date')}"
MOVEOUTS_24 = f"{MOVEOUTS} and {LAST_24.format('effective_moveout_date')}"
MOVEINS_24 = f"{MOVEINS} and {LAST_24.format('effective_movein_date')}"
BUILDINGS = (
    "gold.occupancy_property_daily where snapshot_date = '{d}' and latitude is not null and longitude is not null"
)
TWELVE_WEEKS = "week_start > date_sub('{d}', interval weekday('{d}') day) - interval 12 week and week_start <= '{d}'"


def _thirty(table: str, day: str, figure: str, back: int) -> str:
    return (
        f"(select {figure} from {table} and {day} <= '{{d}}' - interval {back} day "
        f"and {day} > '{{d}}' - interval {back + 30} day)"
    )


def _two(table: str, day: str, figure: str) -> str:
    return f"select {_thirty(table, day, figure, 0)}, {_thirty(table, day, figure, 30)}"


def _rooms_then(back: str) -> str:
    return f"(select period_end_rooms from {FACTS} and snapshot_date = '{{d}}' - interval {back})"


def _rate_then(back: str) -> str:
    return f"(select occupancy_rate from {FACTS} and snapshot_date = '{{d}}' - interval {back})"


def _month(figure: str) -> str:
    """The sum from the first of the month to the date, and over the same days a month before if all are facts."""
    days = "snapshot_date between date_format('{d}', '%%Y-%%m-01') - interval 1 month and '{d}' - interval 1 month"
    wanted = "datediff('{d}' - interval 1 month, date_format('{d}', '%%Y-%%m-01') - interval 1 month) + 1"
    before = f"(select if(count(*) = {wanted}, sum({figure}), null) from {FACTS} and {days})"
    now = (
        f"(select sum({figure}) from {FACTS} and snapshot_date between date_format('{{d}}', '%%Y-%%m-01') and '{{d}}')"
    )
    return f"select {now}, {before}"


FIGURES = {
    "executive_summary": {
        "occupancy_at_month_end": f"select {MONTH.format('snapshot_date')}, occupancy_rate from {MONTH_ENDS}",
        "rent": f"select {MONTH.format('snapshot_date')}, rent_jpy from {MONTH_ENDS}",
        "revpar": f"select {MONTH.format('snapshot_date')}, revpar_jpy from {MONTH_ENDS}",
        "recpar": f"select {MONTH.format('snapshot_date')}, recpar_cash_jpy from {MONTH_ENDS}",
        "occupied_rooms": f"select {_rooms_then('0 day')}, {_rooms_then('1 month')}",
        "occupied_rooms_year": f"select {_rooms_then('0 day')}, {_rooms_then('1 year')}",
        "moveins": _month("new_moveins"),
        "moveouts": _month("new_moveouts"),
        "net": _month("occupancy_delta"),
        "rooms": "select snapshot_date, if(is_projection, '見込み Outlook', '実績 Fact'), period_end_rooms "
        "from gold.occupancy_daily_metrics where snapshot_date >= '{d}' - interval 180 day",
        "movements": f"select {WEEK.format('snapshot_date')}, sum(new_moveins), sum(new_moveouts) from {FACTS} "
        "and snapshot_date > '{d}' - interval 84 day group by 1",
        "contracts": f"select {MONTH.format('activity_date')}, {TYPE}, sum(contracts_signed_count) "
        f"from gold.daily_activity_summary where activity_date <= '{{d}}' and {LAST_24.format('activity_date')} "
        "group by 1, 2",
        "mix": f"select {RENT}, {HELD_BY}, count(*) "
        "from silver.tenant_room_snapshot_daily as rooms left join seeds.code_contract_type as types "
        "on rooms.contract_type_code = types.code where snapshot_date = '{d}' and is_room_primary group by 1, 2",
        "month_ends": "select snapshot_date, occupancy_room_count_0000, same_day_moveins, same_day_moveouts, "
        "occupancy_room_count_eod, occupancy_rate, rent_jpy, revpar_jpy, recpar_cash_jpy "
        f"from {MONTH_ENDS} and snapshot_date >= date_format('{{d}}' - interval 12 month, '%%Y-%%m-01')",
    },
    "occupancy": {
        "rate_now": f"select {_rate_then('0 day')}, {_rate_then('1 month')}",
        "rate_year": f"select {_rate_then('0 day')}, {_rate_then('1 year')}",
        "rate": "select days.snapshot_date, days.occupancy_rate, earlier.occupancy_rate "
        "from gold.occupancy_daily_metrics as days left join gold.occupancy_daily_metrics as earlier "
        "on earlier.snapshot_date = days.snapshot_date - interval 1 year and earlier.is_projection = 0 "
        "where days.is_projection = 0 and days.snapshot_date > '{d}' - interval 90 day",
        "in_out": f"select snapshot_date, new_moveins, new_moveouts, occupancy_delta from {FACTS} "
        "and snapshot_date > '{d}' - interval 90 day",
        "applications": f"select {WEEK.format('snapshot_date')}, sum(applications) from {FACTS} "
        "and snapshot_date > '{d}' - interval 84 day group by 1",
        "days": "select snapshot_date, new_moveins, new_moveouts, unexplained_delta, period_end_rooms, occupancy_rate "
        f"from {FACTS} and snapshot_date > '{{d}}' - interval 90 day",
        "outlook_rooms": "select snapshot_date, if(is_projection, '見込み Outlook', '実績 Fact'), period_end_rooms "
        "from gold.occupancy_daily_metrics where snapshot_date >= '{d}' - interval 30 day",
        "outlook_weeks": f"select {WEEK.format('snapshot_date')}, sum(new_moveins), sum(new_moveouts), "
        "sum(new_moveins) - sum(new_moveouts) from gold.occupancy_daily_metrics where snapshot_date > '{d}' group by 1",
    },
    "data_quality": {
        "unexplained": f"select {WEEK.format('snapshot_date')}, "
        "sum(period_end_rooms - period_start_rooms - new_moveins + new_moveouts) "
        f"from {FACTS} and snapshot_date > '{{d}}' - interval 182 day group by 1",
        "gaps": "select business_date, if(is_gap, '欠測 Gap', '欠測の翌日 Day after a gap'), reason "
        "from silver.business_calendar where is_gap or is_bridge_day",
        "calendar": f"select {MONTH.format('business_date')}, day(business_date), "
        "case when is_gap then 3 when is_bridge_day then 2 else 1 end from silver.business_calendar",
    },
    "new_contracts_analysis": {
        "contracts_30d": _two(CONTRACTS, "contract_date", "count(*)"),
        "mean_rent_30d": _two(CONTRACTS, "contract_date", "round(avg(if(monthly_rent > 0, monthly_rent, null)))"),
        "lead_time_30d": _two(CONTRACTS, "contract_date", "round(avg(lead_time_days), 1)"),
        "by_age": f"select {AGE}, {GENDER}, count(*) from {CONTRACTS_24} group by 1, 2",
        "by_nationality": f"select nationality, {TYPE}, count(*) from {CONTRACTS_24} group by 1, 2",
        "by_channel": f"select {MONTH.format('contract_date')}, {CHANNEL}, count(*) from {CONTRACTS_24} group by 1, 2",
        "lead_time": "select "
        + LABEL.format(
            "lead_time_bucket",
            "case when lead_time_days between 0 and 7 then '0-7' when lead_time_days between 8 and 30 then '8-30' "
            "when lead_time_days between 31 and 60 then '31-60' when lead_time_days > 60 then '61+' else 'Unknown' end",
        )
        + f", count(*) from {MOVEINS_24} group by 1",
        "rent_by_month": f"select {RENT}, {MONTH.format('contract_date')}, count(*) from {CONTRACTS_24} group by 1, 2",
        "newest": f"select contract_date, apartment_name, municipality, monthly_rent, {TYPE}, {AGE}, nationality, "
        f"{BASIS}, {CHANNEL}, {RENEWAL} from {CONTRACTS} and contract_date > '{{d}}' - interval 30 day",
    },
    "moveout_retention": {
        "moveouts_30d": _two(MOVEOUTS, "effective_moveout_date", "count(*)"),
        "stay_30d": _two(MOVEOUTS, "effective_moveout_date", "round(avg(total_stay_months), 1)"),
        "notice_30d": _two(MOVEOUTS, "effective_moveout_date", "round(avg(notice_lead_time_days), 1)"),
        "tenure": f"select {STAY}, {TYPE}, count(*) from {MOVEOUTS_24} group by 1, 2",
        "reasons": f"select {REASON}, {TYPE}, count(*) from {MOVEOUTS_24} group by 1, 2",
        "by_month": f"select {MONTH.format('effective_moveout_date')}, {TYPE}, count(*) from {MOVEOUTS_24} "
        "group by 1, 2",
        "rent_and_stay": "select municipality, avg(monthly_rent), avg(total_stay_months), "
        f"sum(monthly_rent * total_stay_months) from {MOVEOUTS_24} group by 1",
        "planned": f"select {WEEK.format('effective_moveout_date')}, {TYPE}, count(*) from silver.int_contracts "
        "where is_valid_contract and is_located and not is_completed_moveout "
        "and cancellation_notice_date between '{d}' - interval 24 month and '{d}' "
        "and effective_moveout_date between '{d}' and '{d}' + interval 90 day group by 1, 2",
        "newest_moveouts": f"select effective_moveout_date, apartment_name, total_stay_months, monthly_rent, {TYPE}, "
        f"{REASON} from {MOVEOUTS} and effective_moveout_date > '{{d}}' - interval 30 day",
        "churn": "select municipality, week_start, movein_count - moveout_count "
        f"from gold.municipality_churn_weekly where {TWELVE_WEEKS}",
    },
    "tokyo_map": {
        "occupancy_map": f"select latitude, longitude, {RATE}, sum(total_rooms) from {BUILDINGS} "
        "group by latitude, longitude, 3, apartment_name, occupied_rooms",
        "municipalities": "select municipality, sum(least(occupied_rooms, total_rooms)) / sum(total_rooms) "
        f"from {BUILDINGS} group by 1",
        "without_coordinates": "select count(*) from gold.occupancy_property_daily where snapshot_date = '{d}' "
        "and (latitude is null or longitude is null)",
        "map_table": "select apartment_name, municipality, total_rooms, occupied_rooms, occupancy_rate, mean_rent_jpy, "
        "occupied_rooms_delta_7d from gold.occupancy_property_map_latest",
        "municipality_change": "select municipality, sum(movein_count) - sum(moveout_count) "
        f"from gold.municipality_churn_weekly where {TWELVE_WEEKS} group by 1",
        "building_table": "select today.apartment_name, today.municipality, today.total_rooms, today.occupied_rooms, "
        "today.occupancy_rate, today.occupied_rooms - earlier.occupied_rooms, "
        "today.occupancy_rate - earlier.occupancy_rate "
        "from gold.occupancy_property_daily as today left join gold.occupancy_property_daily as earlier "
        "on today.apartment_id = earlier.apartment_id and earlier.snapshot_date = '{d}' - interval 7 day "
        "where today.snapshot_date = '{d}' and today.latitude is not null and today.longitude is not null",
        "growing": "select apartment_name, sum(movein_count) - sum(moveout_count) from gold.property_churn_weekly "
        f"where {TWELVE_WEEKS} group by 1",
        "shrinking": "select apartment_name, sum(movein_count) - sum(moveout_count) from gold.property_churn_weekly "
        f"where {TWELVE_WEEKS} group by 1",
        "rent_map": f"select latitude, longitude, {RENTS}, sum(occupied_rooms) from gold.occupancy_property_map_latest "
        "group by latitude, longitude, 3, apartment_name, occupancy_rate, occupied_rooms_delta_7d",
        "density_map": f"select latitude, longitude, sum(occupied_rooms) from {BUILDINGS} group by latitude, longitude",
    },
}
# Held to plain Python by the oracle (tests/oracle/dashboards.py), made by reports and not by a day, words or clocks.
ELSEWHERE = {
    *("notices", "age", "as_of", "outlook_error", "cohorts"),
    *("open_by_kind", "changes", "kinds_by_day", "rent_roll"),
}
