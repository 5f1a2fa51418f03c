-- The tables that the dbt project reads, with the columns it reads (dbt/models/bronze/sources.yml) in the types of the
-- production dump. Dates may be zero or absurd, as there.
create table staging.apartments (
    id int not null primary key,
    unique_number varchar(191) default 'J00001',
    apartment_name varchar(191) not null default 'TOKYO β 蒲田1',
    apartment_name_en varchar(191),
    apartment_name_old varchar(191),
    prefecture varchar(191) not null default '東京都',
    municipality varchar(191) default '大田区',
    address varchar(191),
    full_address varchar(191) default '東京都大田区蒲田1-1',
    zip_code varchar(191),
    latitude decimal(8, 6) default 35.562500,
    longitude decimal(9, 6) default 139.716000,
    room_count int default 10,
    vacancy_room_count int not null default 0,
    apartment_type int,
    building_type int,
    status int,
    created_at timestamp null default '2020-01-01 00:00:00',
    updated_at timestamp null default '2026-03-01 00:00:00'
);

create table staging.rooms (
    id int not null primary key,
    apartment_id int not null default 1,
    room_number varchar(191) default '101',
    rent decimal(10, 2) default 56000,
    condo_fee int default 0,
    room_floor int,
    capacity int,
    gender_type int,
    bed_type int,
    status int default 1,
    moving_id int,
    created_at timestamp null default '2020-01-01 00:00:00',
    updated_at timestamp null default '2026-03-01 00:00:00'
);

create table staging.movings (
    id int not null primary key,
    tenant_id int not null default 1,
    apartment_id int not null default 1,
    room_id int not null default 1,
    movein_date date default '2025-04-01',
    movein_decided_date datetime default '2025-03-15 10:30:00',
    original_movein_date date,
    rent_start_date date,
    expiration_date date,
    moveout_receipt_date date,
    moveout_date date,
    moveout_plans_date date,
    moveout_date_integrated date,
    cancel_flag tinyint default 0,
    is_moveout tinyint default 0,
    move_renew_flag tinyint default 0,
    moving_agreement_type int default 1,
    rent decimal(10, 2) default 56000,
    condo_fee int,
    administrative_fee int,
    moveout_fee int,
    created_at timestamp null default '2025-03-15 01:30:00',
    updated_at timestamp null default '2026-03-01 00:00:00'
);

create table staging.tenants (
    id int not null primary key,
    full_name varchar(191) default 'NULL',
    last_name varchar(191) not null default '山田',
    first_name varchar(191) default '花子',
    full_name_kana varchar(191),
    gender_type tinyint default 2,
    birth_date date default '1996-06-15',
    age int,
    nationality varchar(191) default '日本',
    m_nationality_id int,
    personal_identity varchar(191),
    affiliation varchar(191),
    affiliation_type int,
    media_id int,
    contract_type int,
    status int default 9,
    reason_moveout varchar(191),
    moving_id int,
    inquiry_id int,
    email_1 varchar(191),
    email_2 varchar(191),
    tel_1 varchar(32),
    tel_2 varchar(32),
    account_number varchar(32),
    created_at timestamp null default '2025-03-01 00:00:00',
    updated_at timestamp null default '2026-03-01 00:00:00'
);

create table staging.inquiries (
    id int not null primary key,
    tenant_id int,
    created_at timestamp null default '2023-04-30 03:00:00',
    updated_at timestamp null default '2023-04-30 03:00:00'
);

create table staging.m_nationalities (
    id int not null primary key,
    nationality_name varchar(191)
);

create table staging.apartment_municipalities (
    municipality_name varchar(191)
);

create table staging.apartment_prefectures (
    prefecture_name varchar(191)
);

create table history.tenant_daily_snapshots (
    tenant_id int not null,
    status int not null,
    contract_type int not null default 1,
    full_name varchar(191),
    snapshot_date date not null,
    primary key (snapshot_date, tenant_id),
    key tenant_id (tenant_id)
);

create table ops.nationality_predictions (
    name_hash char(64) character set ascii collate ascii_bin not null,
    source varchar(32) character set ascii collate ascii_bin not null,
    model_version varchar(128) character set ascii collate ascii_bin not null default '1',
    nationality varchar(191),
    confidence decimal(4, 3) not null default 0.95,
    first_business_date date not null default '2026-03-01',
    primary key (name_hash, source, model_version)
);

create table ops.nationality_evaluation (
    evaluated_on date not null,
    source varchar(32) character set ascii collate ascii_bin not null,
    model_version varchar(128) character set ascii collate ascii_bin not null default '1',
    part varchar(16) character set ascii collate ascii_bin not null default 'all',
    value varchar(191) character set utf8mb4 collate utf8mb4_bin not null default '',
    is_used tinyint,
    primary key (evaluated_on, source, model_version, part, value)
);

create table ops.property_geo_latlon_backup (
    apartment_id bigint not null primary key,
    latitude decimal(11, 8) not null,
    longitude decimal(11, 8) not null
);

create table ops.date_overrides (
    business_date date not null primary key,
    is_gap tinyint not null,
    reason varchar(191) not null,
    declared_by varchar(191) not null,
    declared_at datetime not null
);

create table ops.rent_roll_runs (
    run_id char(32) character set ascii collate ascii_bin not null primary key,
    period varchar(6) not null,
    as_of date not null,
    active_rooms int not null default 100,
    pms_rooms int not null default 100,
    matched_rooms int not null default 100,
    unexplained_rooms int not null default 0,
    unexplained_share decimal(6, 4) default 0,
    raw_variance decimal(9, 4) default 0,
    verdict varchar(16) not null default 'fine',
    made_at datetime(3) not null
);
