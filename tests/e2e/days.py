"""Many business days in a row, with faults mixed in: `make thirty-days` (DAYS=30 SEED=1).

Every day is a real run of the daily DAG under the real scheduler, triggerer and API server, with the next dump of the
simulated company. The clock is compressed: days follow each other at once, and who waits to be tried again is hurried.
What each day must end like, and which alerts must come, is written down in stories.py; it is compared with the inbox.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from include.settings import PREFIX, PROJECT_DIR
from include.warehouse.readers import gold_date
from infra.local.airflow_home import ui_url
from infra.local.aws import account
from infra.local.aws.inbox import Mail, read_inbox
from infra.local.stack import clean, down
from infra.local.state import DIRECTORY_VARIABLE, State
from infra.local.warehouse import admin
from tests.e2e.day import FIRST_TARGET, Day, pass_days
from tests.e2e.stories import Story, schedule

SETTLE_SECONDS = 5
HISTORY_DAYS = 40
WAIT_MINUTES = "1"
"""The sensor's limit: long enough for a late dump, short enough for one that never comes."""
LINE = "{:<12} {:<24} {:<9} {:<9} {:<38} {:<38} {:>4} {}"


@dataclass
class Outcome:
    """How a day went, beside what its story says."""

    target: date
    story: Story
    first: str
    ended: str
    seconds: float
    shown: str
    mails: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What is not as it was written down."""
        found = []
        if self.first != self.story.first:
            found.append(f"the run ended {self.first} at first")
        if self.ended != self.story.ends:
            found.append(f"the run ended {self.ended}")
        expected, came = Counter(self.story.alerts), Counter(self.mails)
        found += [f"{count} x {name} too few" for name, count in (expected - came).items()]
        found += [f"{count} x {name} too many" for name, count in (came - expected).items()]
        if self.story.ends == "success" and self.shown != str(self.target):
            found.append(f"gold shows {self.shown}")
        return found

    def line(self) -> str:
        """Return the day as a line of the table."""
        return LINE.format(
            str(self.target),
            self.story.name,
            self.first,
            self.ended,
            ", ".join(self.story.alerts) or "-",
            ", ".join(self.mails) or "-",
            round(self.seconds),
            "; ".join(self.wrong) or "as written",
        )


def kind(mail: Mail) -> str:
    """Return the class of an alert, or what else the message is."""
    if "resolved" in mail.subject:
        return "resolved"
    found = re.search(r"runbooks/([a-z-]+)", mail.body)
    name = found[1] if found else mail.subject
    return f"warning {name}" if "warning" in mail.subject else name


def play(state: State, target: date, story: Story) -> Outcome:
    """Live through one day."""
    began = time.monotonic()
    day = Day(state, target)
    url = account.endpoint_url(state)  # known once the platform runs: a port that is taken is replaced
    before = len(read_inbox(url))
    pass_days(state, (target - FIRST_TARGET).days)
    day.make_dump(HISTORY_DAYS if target == FIRST_TARGET else 0)
    first = ended = story.play(day)
    if story.act:
        time.sleep(SETTLE_SECONDS)
        story.act(day)
        ended = day.follow()
    time.sleep(SETTLE_SECONDS)
    mails = [kind(mail) for mail in read_inbox(url)[before:]]
    return Outcome(target, story, first, ended, time.monotonic() - began, shown(state), mails)


def shown(state: State) -> str:
    """Return the business date that readers of gold see."""
    with contextlib.closing(admin(state).connect()) as connection:
        return str(gold_date(connection))


def main() -> int:
    """Live through the days, print the table; 0 when every day was as written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=30, help="number of days (default: 30)")
    parser.add_argument("--seed", type=int, default=1, help="draws the order of the faults (default: 1)")
    parser.add_argument("--keep", action="store_true", help="leave the platform's data for a look")
    arguments = parser.parse_args()
    home = Path(os.environ.get(DIRECTORY_VARIABLE) or PROJECT_DIR / ".local") / "days"
    state = State(home, {**os.environ, PREFIX + "DUMP_WAIT_MINUTES": WAIT_MINUTES})
    clean(state, lambda line: None)
    logging.basicConfig(filename=home.with_suffix(".log"), filemode="w")  # the watch's messages, which it also logs
    outcomes = []
    print(LINE.format("date", "what happens", "at first", "in the end", "alerts to come", "alerts that came", "s", ""))
    try:
        for number, story in enumerate(schedule(arguments.days, arguments.seed)):
            outcomes.append(play(state, FIRST_TARGET + timedelta(days=number), story))
            print(outcomes[-1].line(), flush=True)
    finally:
        print(f"Airflow was at {ui_url(state)}")
        down(state, print)
        if not arguments.keep:
            clean(state, lambda line: None)
    wrong = [outcome for outcome in outcomes if outcome.wrong]
    mails = sum(len(outcome.mails) for outcome in outcomes)
    people = len([outcome for outcome in outcomes if outcome.story.person])
    print(
        f"{len(outcomes)} days, {mails} messages, {people} decisions only a person can make, 0 other interventions; "
        f"{len(wrong)} days not as written"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
