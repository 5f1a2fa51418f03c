"""Draw the pictures of README.md: `python -m infra pictures`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from include.schedule import JST
from infra.local import own_server
from infra.local.database import DatabaseError
from infra.local.pictures import draw_pictures
from infra.local.state import LocalError, State


def main() -> int:
    """Draw them; a failure ends as one sentence and exit code 1."""
    try:
        today = datetime.now(UTC).astimezone(JST).date()
        for file in draw_pictures(own_server.endpoint(State.from_environment(), print), today):
            print(file)
    except (LocalError, DatabaseError) as error:
        print(f"pictures: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
