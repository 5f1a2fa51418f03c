"""The operator's page, include/alerts/README.md, agrees with the code."""

from __future__ import annotations

import re
from datetime import date, datetime

from include.alerts.causes import WARNINGS, Cause
from include.alerts.incident import Incident
from include.alerts.messages import Published, problem
from include.schedule import JST
from include.settings import PROJECT_DIR
from include.warehouse.readers import LastPublished

PAGE = (PROJECT_DIR / "include" / "alerts" / "README.md").read_text(encoding="utf-8")
CLASSES = re.findall(r"^\| \[([a-z-]+)\]\(runbooks/\1\.md\) \| (.+) \| (stops|continues) \|$", PAGE, re.MULTILINE)


def test_it_explains_every_alert_class_and_names_the_warnings() -> None:
    assert {name for name, _, _ in CLASSES} == set(Cause)
    assert {name for name, text, _ in CLASSES if text.startswith("warning: ")} == set(WARNINGS)


def test_it_lists_every_recovery() -> None:
    listed = set(re.findall(r"^\| `(recover_\w+)` \|", PAGE, re.MULTILINE))
    assert listed == {file.stem for file in (PROJECT_DIR / "dags").glob("recover_*.py")}


def test_its_mail_is_one_that_is_sent() -> None:
    yesterday = LastPublished(date(2026, 3, 1), datetime(2026, 3, 1, 7, 41, tzinfo=JST))
    gave_up = datetime(2026, 3, 2, 8, 30, tzinfo=JST)
    incident = Incident(date(2026, 3, 2), Cause.DUMP_MISSING, "", gave_up, step="wait_for_dump")
    mail = problem("prod", incident, Published(yesterday, yesterday), gave_up)
    subject, _, body = re.search(r"```\n(\[prod\].*?)\n```", PAGE, re.DOTALL)[1].partition("\n\n")  # type: ignore[index]
    assert subject == mail.subject
    assert body in mail.body
