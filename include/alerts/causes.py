"""The alert classes, and which one a failure belongs to.

A class is one value of `Cause`. Adding one takes what notices it (for most a rule in `_RULES` below), its words in
`include/alerts/wording.py`, a page `include/alerts/runbooks/<class>.md`, and a drill in `infra/local/drills.py`; tests
name what is missing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from include.warehouse.server_errors import passing_codes


class Cause(StrEnum):
    """One alert class each; the value names its runbook's file."""

    DUMP_MISSING = "dump-missing"
    DUMP_REJECTED = "dump-rejected"
    DATABASE = "database"
    DBT = "dbt"
    QUICKSIGHT = "quicksight"
    PERMISSIONS = "permissions"
    LATE = "late"
    STALE_DATA = "stale-data"
    PLATFORM = "platform"
    QUICKSIGHT_ROWS = "quicksight-rows"
    REJECTED_ROWS = "rejected-rows"
    REPORT = "report"
    REPORT_FINDING = "report-finding"
    ENRICHMENT = "enrichment"


# People have to look, but the run continues: one alert is sent, and none when it is resolved.
WARNINGS = (Cause.QUICKSIGHT_ROWS, Cause.REJECTED_ROWS, Cause.REPORT_FINDING, Cause.ENRICHMENT)


@dataclass(frozen=True)
class Fault:
    """The alert class of a failure, and the subject that separates it from other faults of that class on one date."""

    cause: Cause
    subject: str = ""


def _mysql(codes: Iterable[int | str]) -> str:
    """Return a pattern for error codes as the driver writes them, `(1205, '…')`, and as dbt does, `1205 (HY000): …`."""
    code = "|".join(map(str, codes))
    return rf"^\(?({code}), ['\"]|[( :]({code}), ['\"]|\b({code}) \([0-9A-Z]{{5}}\)"


@dataclass(frozen=True)
class _Rule:
    """A failure is of `cause` when a type in its chain is listed in `types`, or a text in its chain matches `text`."""

    cause: Cause
    types: tuple[str, ...] = ()
    text: str = ""
    subject: Callable[[str, re.Match[str] | None], str] = lambda _type, _match: ""


def _whole_match(_type: str, match: re.Match[str] | None) -> str:
    return next((part for part in match.groups() if part), "") if match else ""


def _kebab(kind: str, _match: re.Match[str] | None) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind).lower()


_RULES = (
    # First, whatever its sentences quote: something is missing, and the platform's runbook says how to provide it.
    _Rule(Cause.PLATFORM, types=("PreflightFailed",), subject=_kebab),
    _Rule(
        Cause.PERMISSIONS,
        types=("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"),
        text=r"AccessDenied|UnauthorizedOperation|AuthorizationError|not authorized to perform|ExpiredToken"
        r"|InvalidClientTokenId|InvalidAccessKeyId|^S3 refuses to show |SignatureDoesNotMatch|\(403\)|"
        + _mysql(passing_codes(rights=True)),
    ),
    _Rule(
        Cause.QUICKSIGHT, types=("IngestionError",), text=r"^QuickSight reports |^data set \S+ (is still|has spent) "
    ),
    _Rule(
        Cause.DUMP_MISSING,
        types=("DumpMissing", "AirflowSensorTimeout"),
        text=r"did not come within \d+ minutes|not there; have the property-management side deliver",
    ),
    _Rule(Cause.DUMP_REJECTED, types=("DumpError",), subject=_kebab),
    _Rule(Cause.PLATFORM, text=r"^S3 has not answered for ", subject=lambda _type, _match: "s3-away"),
    _Rule(
        Cause.DATABASE,
        types=(
            "LoadBusy",
            "PublishBlocked",
            "ReadersElsewhere",
            "TransportFailed",
            "OperationalError",
            "InterfaceError",
        ),
        text=r"Lock wait timeout|Deadlock found|Lost connection to|Can't connect to|server has gone away"
        r"|Too many connections|" + _mysql((*passing_codes(rights=False), r"2\d{3}")),
    ),
    _Rule(
        Cause.DBT,
        text=r"^Test (\S+) of .* (?:failed|could not run)|^(\S+) could not be built: ",
        subject=_whole_match,
    ),
    _Rule(Cause.DBT, types=("GoldIncomplete", "RunResultsError"), text=r"^dbt command failed", subject=_kebab),
)


def classify(step: str, error: BaseException | str | None) -> Fault:
    """Return the alert class and the subject of a failure.

    Args:
        step: id of the task that failed; it decides when no rule matches the error.
        error: what was raised, or its text, or None when the task's process was lost.
    """
    if error is None:
        return Fault(Cause.PLATFORM, "process-lost")
    chain = list(_chain(error)) if isinstance(error, BaseException) else []
    texts = [str(each) for each in chain] or [str(error)]
    kinds = [kind for each in chain for kind in _kinds(each)]
    for rule in _RULES:
        kind = next((kind for kind in kinds if kind in rule.types), "")
        found = next(filter(None, (re.search(rule.text, text, re.M) for text in texts if rule.text)), None)
        if kind or found:
            # the most specific type: TruncatedDump, not DumpError
            special = next((type(each).__name__ for each in chain if kind in _kinds(each)), kind)
            return Fault(rule.cause, rule.subject(special, found))
    return _by_step(step, type(chain[0]).__name__ if chain else "error", texts[0])


def _by_step(step: str, kind: str, text: str) -> Fault:
    if step == "wait_for_dump" and kind == "AirflowFailException":
        return Fault(Cause.DUMP_REJECTED)
    if step.startswith("refresh_quicksight"):
        return Fault(Cause.QUICKSIGHT)
    # Thirty tasks that fail for one reason say the same but for numbers, quoted names and paths.
    plain = re.sub(r"\d+|'[^']*'|/\S+", "", text)[:200]
    return Fault(Cause.PLATFORM, f"{kind}-{hashlib.sha256(plain.encode()).hexdigest()[:6]}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it was raised from or during."""
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def _kinds(error: BaseException) -> list[str]:
    return [each.__name__ for each in type(error).__mro__]
