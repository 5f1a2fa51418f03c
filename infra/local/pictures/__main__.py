"""Draw the pictures of README.md: `python -m infra pictures`."""

from __future__ import annotations

import sys

from infra.local import own_server
from infra.local.database import DatabaseError
from infra.local.pictures import NoFigures, draw_pictures
from infra.local.state import LocalError, State


def main() -> int:
    """Draw them; a failure ends as one sentence and exit code 1."""
    try:
        for file in draw_pictures(own_server.endpoint(State.from_environment(), print)):
            print(file)
    except (NoFigures, LocalError, DatabaseError) as error:
        print(f"pictures: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
