"""The vendor's property-management system, simulated: its database, its nightly dump, manifest and snapshots.

Where things live:

* `schema/`        CREATE TABLE text of the 81 tables and how many rows each holds
* `portfolio.py`   buildings and rooms
* `people.py`      names, nationalities, contact data
* `simulation.py`  the lives of tenants and contracts, day by day from 2018
* `quirks.py`      every deliberate fault of the data
* `core_rows.py`   rows of the modelled tables, `secondary_rows.py` rows of all the others
* `rent_roll.py`    the property manager's list of rooms, with differences planted
* `dump_writer.py` mysqldump's text, `output.py` the bytes on disk, `manifest.py` and `snapshots.py` what lies beside it
* `generator.py`   puts it together; `python -m infra source --help` is its command line

The same seed, date and scale give the same bytes, and the dump of the next day is today's plus one day of life.
"""

from infra.local.vendor.generator import Generated, Request, SourceError, generate
from infra.local.vendor.scale import SCALES, Scale

__all__ = ["SCALES", "Generated", "Request", "Scale", "SourceError", "generate"]
