"""The one reader of environment variables.

Every value comes from `AIRFLOW__GGHOUSE__<NAME>`: on MWAA that is an Airflow configuration option `gghouse.<name>`, on
Astro and on a laptop an environment variable. Nothing here is a secret: passwords live in the secrets backend.
infra/modules/mwaa sets the options; one of them, `gghouse.code_bucket`, is read by infra/bundle/startup.sh alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

PREFIX = "AIRFLOW__GGHOUSE__"
# The folder that holds `include/` and `dbt/`: the checkout, Astro's home, or `dags/` inside the MWAA bundle.
PROJECT_DIR = Path(__file__).resolve().parent.parent

# Read by dbt/macros/target_date.sql; because of the prefix dbt writes it to run_results.json.
DATE_VARIABLE = "DBT_ENV_CUSTOM_ENV_TARGET_DATE"
# Read by dbt/macros/portfolio.sql; empty stands for the constant of dbt_project.yml.
ROOMS_VARIABLE = "DBT_ENV_CUSTOM_ENV_PORTFOLIO_ROOMS"
HISTORY_VARIABLE = "DBT_ENV_CUSTOM_ENV_ROOM_HISTORY_DAYS"

# Inference profiles of Amazon Bedrock that stay in Tokyo and Osaka; infra/modules/mwaa takes no others either.
MODEL_IN_JAPAN = re.compile(r"jp[.][a-zA-Z0-9:.-]{1,61}")

# Repairs of recent dates, and the first history of rooms, read the tenants' snapshots of some months.
FEWEST_KEPT_DAYS = 100


class SettingsError(ValueError):
    """A setting is missing or cannot be read; the message names the variable and what it should hold."""


@dataclass(frozen=True)
class Settings:
    """Typed configuration of one environment.

    Attributes:
        bucket: S3 bucket that holds `dumps/`, `dumps-manifest/`, `snapshots/` and `processed/`.
        alert_topic_arn: SNS topic that mails the operators.
        quicksight_datasets: QuickSight data set ids to refresh after gold, in order.
        report_datasets: QuickSight data set ids that the DAGs of the reports refresh, for they show what a report made.
        dbt_executable: path of `gghouse-dbt`, which starts dbt and lies beside it in dbt's own virtual environment.
        minimum_dump_bytes: smaller objects are not accepted as a dump.
        environment: name shown in alerts, for example `prod`.
        dump_poll_seconds: pause between two looks for the dump, in seconds.
        dump_wait_minutes: longest wait for the dump, in minutes from the start of the run; after it the task fails.
        dump_layout: `single` is one file with all tables; `per_table` is one file for each of movings, tenants, rooms
            and inquiries, while all other tables stay as they are in `staging`.
        require_manifest: whether a dump without a manifest is refused.
        source_host: host that a manifest must name as the source; empty means any but our own (I-06).
        source_database: database that a manifest must name as the source; empty means any but our own (I-06).
        load_connections: connections that load in parallel.
        load_transport: `connections` sends rows through the driver, `program` through the client program `mysql`.
        carry_over_unchanged: whether a table that has not changed since the last load is carried over.
        readers_host: host that QuickSight reads; empty means the host of the dbt connection (I-15).
        aurora_cluster: identifier of the Aurora cluster, for restores to a point in time.
        mwaa_environment: name of the MWAA environment; empty elsewhere.
        startup_report: file in which MWAA's startup.sh reports what it installed; empty elsewhere.
        portfolio_rooms: rooms of the portfolio, the denominator of occupancy rates; None means the constant
            total_physical_rooms of dbt_project.yml.
        room_history_days: days before its first business date of which a new environment makes rooms from the tenants'
            history; approximate, as recover_history says.
        history_parquet: whether the history is written as Parquet, too (include/lake).
        history_keep_days: newest days of the tenants' snapshots that stay in the database once they are in Parquet; 0
            keeps all.
        nationality_model: inference profile of Amazon Bedrock that is asked for nationalities from names; empty asks
            none.
        nationality_names_per_day: names that it is asked about on one day, at most.
    """

    bucket: str
    alert_topic_arn: str
    quicksight_datasets: tuple[str, ...]
    dbt_executable: str
    report_datasets: tuple[str, ...] = ()
    minimum_dump_bytes: int = 10 * 1024 * 1024
    environment: str = "dev"
    dump_poll_seconds: int = 60
    dump_wait_minutes: int = 90
    dump_layout: str = "single"
    require_manifest: bool = False
    source_host: str = ""
    source_database: str = ""
    load_connections: int = 2
    load_transport: str = "connections"
    carry_over_unchanged: bool = True
    readers_host: str = ""
    aurora_cluster: str = ""
    mwaa_environment: str = ""
    startup_report: str = ""
    portfolio_rooms: int | None = None
    room_history_days: int = 0
    history_parquet: bool = False
    history_keep_days: int = 0
    nationality_model: str = ""
    nationality_names_per_day: int = 2500

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings.

        Raises:
            SettingsError: a number, a word or a model is invalid. A missing value does not stop a DAG from being
                parsed, only the task that needs it (see `require`).
        """

        def text(name: str, default: str = "") -> str:
            return environment.get(PREFIX + name, default).strip()

        def number(name: str, default: int, unit: str, least: int = 0) -> int:
            value = text(name, str(default))
            if not value.isdecimal() or int(value) < least:
                from_least = f" from {least}" if least else ""
                raise SettingsError(f"{PREFIX}{name} must be a whole number of {unit}{from_least}, not {value!r}")
            return int(value)

        def names(name: str) -> tuple[str, ...]:
            return tuple(part.strip() for part in text(name).split(",") if part.strip())

        def word(name: str, default: str, *others: str) -> str:
            value = text(name, default)
            if value.lower() not in (default, *others):
                raise SettingsError(f"{PREFIX}{name} must be {' or '.join((default, *others))}, not {value!r}")
            return value.lower()

        parquet = word("HISTORY_PARQUET", "false", "true") == "true"
        keep_days = number("HISTORY_KEEP_DAYS", cls.history_keep_days, "days")
        if 0 < keep_days < FEWEST_KEPT_DAYS:
            raise SettingsError(f"{PREFIX}HISTORY_KEEP_DAYS must be 0 or at least {FEWEST_KEPT_DAYS}, not {keep_days}")
        if keep_days and not parquet:
            raise SettingsError(
                f"{PREFIX}HISTORY_KEEP_DAYS needs {PREFIX}HISTORY_PARQUET=true: only what is in Parquet leaves the "
                "database"
            )
        model = text("NATIONALITY_MODEL")
        if model and not MODEL_IN_JAPAN.fullmatch(model):
            raise SettingsError(
                f"{PREFIX}NATIONALITY_MODEL must be empty or an inference profile of Amazon Bedrock that begins with "
                f"jp., not {model!r}: names of tenants must not leave Japan, and only those profiles stay there"
            )
        return cls(
            bucket=text("BUCKET"),
            alert_topic_arn=text("ALERT_TOPIC_ARN"),
            quicksight_datasets=names("QUICKSIGHT_DATASETS"),
            report_datasets=names("REPORT_DATASETS"),
            dbt_executable=text("DBT_EXECUTABLE", "/usr/local/airflow/dbt_venv/bin/gghouse-dbt"),
            minimum_dump_bytes=number("MINIMUM_DUMP_BYTES", cls.minimum_dump_bytes, "bytes"),
            environment=text("ENVIRONMENT", cls.environment),
            dump_poll_seconds=number("DUMP_POLL_SECONDS", cls.dump_poll_seconds, "seconds"),
            dump_wait_minutes=number("DUMP_WAIT_MINUTES", cls.dump_wait_minutes, "minutes"),
            dump_layout=word("DUMP_LAYOUT", cls.dump_layout, "per_table"),
            require_manifest=word("REQUIRE_MANIFEST", "false", "true") == "true",
            source_host=text("SOURCE_HOST"),
            source_database=text("SOURCE_DATABASE"),
            load_connections=number("LOAD_CONNECTIONS", cls.load_connections, "connections", least=1),
            load_transport=word("LOAD_TRANSPORT", cls.load_transport, "program"),
            carry_over_unchanged=word("CARRY_OVER_UNCHANGED", "true", "false") == "true",
            readers_host=text("READERS_HOST"),
            aurora_cluster=text("AURORA_CLUSTER"),
            mwaa_environment=text("MWAA_ENVIRONMENT"),
            startup_report=text("STARTUP_REPORT"),
            portfolio_rooms=number("PORTFOLIO_ROOMS", 1, "rooms", least=1) if text("PORTFOLIO_ROOMS") else None,
            room_history_days=number("ROOM_HISTORY_DAYS", cls.room_history_days, "days"),
            history_parquet=parquet,
            history_keep_days=keep_days,
            nationality_model=model,
            nationality_names_per_day=number(
                "NATIONALITY_NAMES_PER_DAY", cls.nationality_names_per_day, "names", least=1
            ),
        )

    def require(self, name: str) -> str:
        """Return the text setting `name`, or raise `SettingsError` naming the variable that should hold it."""
        value = str(getattr(self, name))
        if not value:
            raise SettingsError(
                f"{PREFIX}{name.upper()} is empty; set it (on MWAA: Airflow configuration option gghouse.{name})"
            )
        return value

    def oldest_kept(self, target: date) -> date | None:
        """Return the oldest date of the tenants' snapshots that stays in the database, None when all do.

        Args:
            target: business date, the newest that stays.
        """
        return target - timedelta(days=self.history_keep_days - 1) if self.history_keep_days else None

    def dbt_environment(self, target_date: str) -> dict[str, str]:
        """Return the environment variables with a run's date, rooms and first history.

        They are not `--vars`, because changed variables make dbt parse the whole project again.

        Args:
            target_date: the business date as YYYY-MM-DD, or Airflow's template of it.
        """
        return {
            DATE_VARIABLE: target_date,
            ROOMS_VARIABLE: str(self.portfolio_rooms or ""),
            HISTORY_VARIABLE: str(self.room_history_days or ""),
        }

    @cached_property
    def dbt_project_dir(self) -> Path:
        """Folder of the dbt project, beside `include/` in every layout."""
        return PROJECT_DIR / "dbt"

    @property
    def dbt_manifest(self) -> Path:
        """The compiled description of the dbt project, from which the DAG draws one task per model.

        Raises:
            SettingsError: the file is missing.
        """
        manifest = self.dbt_project_dir / "target" / "manifest.json"
        if not manifest.is_file():
            raise SettingsError(f"{manifest} is missing; make it with `dbt parse` in {self.dbt_project_dir}")
        return manifest
