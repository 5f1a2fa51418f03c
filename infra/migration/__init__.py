"""Gold beside the earlier system's gold, for the week in which both run: `python -m infra compare --help`.

Remove this package, its tests and `make compare` three months after go-live, when the earlier system is switched off.

Two servers are read, each table in the order of its key, and merged row by row; nothing is kept and nothing is written.
Needs PyMySQL and nothing else, so that a shell inside the VPC can run it from a bare checkout.
"""
