"""Checks before a business day: whether everything that the day needs is in place, reported all at once.

A check returns what it found, raises `CheckFailed` with the problem and the remedy, or `CheckWarning` for what the day
does not depend on. Any other exception means that something did not answer, so a retry may succeed. No check starts
dbt: versions are read from the files that pip left in its environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import MySQLdb
from packaging.utils import canonicalize_name
from packaging.version import Version

from include.dump.client_program import CLIENTS
from include.preflight.requirements_lock import airflow_version, pins, read_lock
from include.settings import SettingsError
from include.warehouse.schema import BRONZE, GOLD, HISTORY, OPS, REPORTS
from include.warehouse.server_errors import NO_SUCH_SCHEMA, SCHEMA_DENIED, TLS, sentence, trouble_of

CLOSED_TO_DUMPS = (BRONZE.live, BRONZE.previous, HISTORY, OPS, "silver", GOLD.live, REPORTS)
GLOBAL_RIGHT = re.compile(r"GRANT (?!USAGE ON ).* ON \*\.\* ")
GRANT_AGAIN = "run `python -m infra database`, which gives each login what infra/database/grants.sql says and no more"
# How many differing versions a message names.
DIFFERENCES_NAMED = 5


class CheckFailed(Exception):
    """Something that the day needs is missing or wrong until an operator acts; names the problem and the remedy."""


class CheckWarning(Exception):
    """Something is wrong or cannot be checked from here, but today's run does not depend on it."""


class CheckUnavailable(RuntimeError):
    """Something that the day needs did not answer; a retry may succeed."""


class PreflightFailed(RuntimeError):
    """Something that the day needs is missing; a retry would fail, too."""


def run(checks: Mapping[str, Callable[[], str]], passed: Callable[[str], None], warned: Callable[[str], None]) -> None:
    """Run all checks.

    Args:
        checks: name and function of each.
        passed: called with a line for each check that passed.
        warned: called with a line for each warning.

    Raises:
        PreflightFailed: a check failed.
        CheckUnavailable: something did not answer, and no check failed.
    """
    missing, problems = False, []
    for name, check in checks.items():
        try:
            passed(f"{name}: {check()}")
        except CheckWarning as warning:
            warned(f"{name}: {warning}")
        except (CheckFailed, SettingsError) as problem:
            missing = True
            problems.append(f"{name}: {problem}")
        except Exception as error:
            problems.append(f"{name}: {type(error).__name__}: {error}")
    if problems:
        counted = f"{len(problems)} of {len(checks)} checks failed"
        kind = PreflightFailed if missing else CheckUnavailable
        raise kind(problems[0] if len(problems) == 1 else "\n".join([counted, *problems]))


def startup(report: Path) -> str:
    """Read the report of MWAA's startup.sh on this worker; the client program has its own check."""
    try:
        lines = report.read_text().splitlines()
    except FileNotFoundError:
        raise CheckFailed(
            f"startup.sh left no report at {report}; see startup_script in the environment's settings and the log "
            "stream 'startup_script_execution…' of the worker"
        ) from None
    steps = {}
    for line in lines:
        if not line.startswith("\t"):
            name, result, _seconds, sentence = line.split("\t", 3)
            steps[name] = (result, sentence)
    again = "fix it, then have the worker replaced, which any update of the environment does"
    if "end" not in steps:
        raise CheckFailed(f"startup.sh did not finish on this worker; {again}")
    for name, (result, sentence) in steps.items():
        if result == "failed" and name != "client":
            raise CheckFailed(f"startup.sh could not install {name} on this worker: {sentence}; {again}")
    said = [sentence for name, (_result, sentence) in steps.items() if name not in ("start", "end")]
    return f"startup.sh {steps['end'][1]}: {'; '.join(said)}"


def dbt(executable: Path, lock: Path) -> str:
    """Find dbt and compare the packages of its environment with its lock."""
    for program in (executable, executable.with_name("python")):  # the DAG starts dbt through its Python
        if not os.access(program, os.X_OK):
            raise CheckFailed(
                f"{program} is not there; on MWAA startup.sh installs it, elsewhere `make setup`, and "
                "AIRFLOW__GGHOUSE__DBT_EXECUTABLE names it"
            )
    folders = sorted(executable.parent.parent.glob("lib/python3*/site-packages"))
    if not folders:
        raise CheckWarning(f"{executable} is there, but lies in no virtual environment whose versions could be seen")
    found = metadata.distributions(path=[str(folders[0])])
    installed: dict[str, str] = {canonicalize_name(each.metadata["Name"]): each.version for each in found}
    wanted = read_lock(lock.read_text(), folders[0].parent.name.removeprefix("python"))
    if wrong := _differences({pin.name: pin.version for pin in wanted}, installed.get):
        raise CheckFailed(f"{executable} is not what {lock.name} says: {wrong}; install it again from the lock")
    return f"dbt-core {installed['dbt-core']}, all {len(wanted)} packages as locked"


def client(transport: str) -> str:
    """Find the mysql client program, which only the transport `program` needs."""
    for name in CLIENTS:
        if path := shutil.which(name):
            return path
    lacks = "there is no mysql client program on this worker"
    if transport == "program":
        raise CheckFailed(
            f"{lacks}, and load_transport is program; give `make bundle` its packages (CLIENT=…) and deploy, or set "
            "load_transport to connections"
        )
    raise CheckWarning(f"{lacks}; with load_transport = {transport} nothing needs one")


def database(login: Callable[[], Any]) -> str:
    """Log in, and check that the connection is encrypted if `ssl_ca` is set.

    Args:
        login: returns the `Endpoint`.
    """
    endpoint = login()
    if endpoint.ssl_ca and not Path(endpoint.ssl_ca).is_file():
        raise CheckFailed(
            f"the connection's ssl_ca names {endpoint.ssl_ca}, which is not there; deploy the bundle, which holds "
            "Amazon's certificates, and let ca_bundle_path name their place"
        )
    try:
        opened = endpoint.connect()
    except MySQLdb.Error as error:
        if trouble_of(error) is TLS:
            raise CheckFailed(f"{endpoint.host} does not match ssl_ca: {sentence(error)}") from error
        raise
    with contextlib.closing(opened) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT VERSION()")
        ((version,),) = cursor.fetchall()
        cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        ((_name, cipher),) = cursor.fetchall()
    if endpoint.ssl_ca and not cipher:
        raise CheckFailed(
            f"{endpoint.host} answers without TLS although ssl_ca is set; set require_secure_transport = ON"
        )
    return f"{endpoint.user} at {endpoint.host}, server {version}, {cipher or 'no TLS, as configured'}"


def restore_login(login: Callable[[], Any]) -> str:
    """Check that the login for what a dump says works, and reaches only the schema that is being built.

    A login without any right in a schema may not even make it the default one, whether it exists or not.

    Args:
        login: returns the `Endpoint`.
    """
    found = database(login)
    endpoint = login()
    with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
        if not _reaches(connection, BRONZE.next):
            raise CheckFailed(
                f"{endpoint.user} has no rights on {BRONZE.next}, so no dump can be loaded; {GRANT_AGAIN}"
            )
        if open_ones := [schema for schema in CLOSED_TO_DUMPS if _reaches(connection, schema)]:
            raise CheckFailed(
                f"{endpoint.user} reaches {', '.join(open_ones)}, so what a dump says could read or change them; "
                f"{GRANT_AGAIN}"
            )
        cursor.execute("SHOW GRANTS")
        if any(GLOBAL_RIGHT.match(line) for (line,) in cursor.fetchall()):
            raise CheckFailed(f"{endpoint.user} has rights on the whole server, of which it needs none; {GRANT_AGAIN}")
    return f"{found}, reaches {BRONZE.next} and not {', '.join(CLOSED_TO_DUMPS)}"


def _reaches(connection: MySQLdb.Connection, schema: str) -> bool:
    try:
        connection.select_db(schema)
    except MySQLdb.OperationalError as error:
        if error.args[0] == SCHEMA_DENIED:
            return False
        if error.args[0] != NO_SUCH_SCHEMA:
            raise
    return True


def bucket(s3: Callable[[], Any], name: str) -> str:
    """List the bucket of the dumps."""
    answer = s3().list_objects_v2(Bucket=name, Prefix="dumps/", MaxKeys=1)
    return f"s3://{name}/dumps/ can be listed" + ("" if answer["KeyCount"] else ", and is empty")


def pools(slots: Callable[[], Mapping[str, int]], wanted: Mapping[str, int]) -> str:
    """Check that the pools exist: a task whose pool is missing waits for ever without a message.

    Args:
        slots: returns the pools of Airflow and their slots.
        wanted: the pools and slots that the DAGs are written for.
    """
    try:
        there = slots()
    except Exception as error:
        raise CheckWarning(f"Airflow could not be asked for its pools ({type(error).__name__}: {error})") from error
    problems = []
    for name, number in wanted.items():
        if name not in there:
            problems.append(f"{name} does not exist, so its tasks wait for ever")
        elif number == 1 and there[name] != 1:
            problems.append(f"{name} has {there[name]} slots, but its tasks must never run in parallel")
        elif there[name] == 0:
            problems.append(f"{name} has no slot, so its tasks wait for ever")
    if problems:
        meant = ", ".join(f"{name} {number}" for name, number in wanted.items())
        raise CheckFailed(
            f"{'; '.join(problems)}; on MWAA `python -m infra pools` sets them, elsewhere set them under Admin, "
            f"Pools ({meant})"
        )
    return ", ".join(f"{name} {there[name]}" for name in wanted)


def language_model(model: str, refusal: Callable[[], str | None]) -> str:
    """Say whether the language model may be asked for nationalities; the day goes on without it.

    Whether the model still exists is not looked at: the task that asks it says so on the same morning, and the look
    would need another right.

    Args:
        model: the setting `nationality_model`.
        refusal: returns why it must not be asked, or None.
    """
    if reason := refusal():
        raise CheckWarning(reason)
    return f"{model} may be asked; its prompts are logged nowhere"


def manifest(file: Callable[[], Path], lock: Path) -> str:
    """Check that the manifest that the DAG is built from was made by the dbt that will run."""
    try:
        content = json.loads(file().read_text())
    except ValueError as error:
        raise CheckFailed(f"the dbt manifest cannot be read ({error}); build and deploy the bundle again") from error
    made = content["metadata"]["dbt_version"]
    wanted = next(pin.version for pin in read_lock(lock.read_text(), "3.12") if pin.name == "dbt-core")
    if made != wanted:
        raise CheckFailed(f"the dbt manifest was made by dbt {made}, the lock has {wanted}; build the bundle again")
    models = sum(node["resource_type"] == "model" for node in content["nodes"].values())
    return f"{models} models, made by dbt {made}"


def packages(requirements: Path, installed: Callable[[str], str | None]) -> str:
    """Compare Airflow's own environment with requirements.txt; MWAA starts Airflow even when it could not install it.

    Args:
        requirements: as MWAA gets it, with the constraint of its Airflow version.
        installed: returns the version of a package, or None.
    """
    text = requirements.read_text()
    written_for, runs = airflow_version(text), installed("apache-airflow-core") or "0"
    if Version(runs).public != written_for:
        raise CheckWarning(
            f"{requirements.name} is for Airflow {written_for}, this is {runs}: the packages are not compared"
        )
    wanted = {pin.name: str(pin.specifier).removeprefix("==") for pin in pins(text)}
    if wrong := _differences(wanted, installed):
        raise CheckFailed(
            f"not as {requirements.name} says: {wrong}; see the log stream 'requirements_install…' of the worker, "
            "then have it replaced, which any update of the environment does"
        )
    return f"Airflow {runs}, " + ", ".join(f"{name} {version}" for name, version in wanted.items())


def installed_here(name: str) -> str | None:
    """Return the version of a package in this process's environment, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _differences(wanted: Mapping[str, str], installed: Callable[[str], str | None]) -> str:
    wrong = [
        f"{name} is {there}, not {version}" if (there := installed(name)) else f"{name} {version} is missing"
        for name, version in wanted.items()
        if installed(name) != version
    ]
    more = f" and {len(wrong) - DIFFERENCES_NAMED} more" if len(wrong) > DIFFERENCES_NAMED else ""
    return ", ".join(wrong[:DIFFERENCES_NAMED]) + more
