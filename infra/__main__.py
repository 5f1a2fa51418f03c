"""Command line of everything around the platform: `python -m infra VERB ...`; each verb has its own --help."""

from __future__ import annotations

import runpy
import sys

VERBS = {
    "bundle": ("infra.bundle", "build what the MWAA bucket gets"),
    "check": ("infra.check", "check the Terraform without AWS"),
    "compare": ("infra.migration", "compare gold with the earlier system"),
    "dashboards": ("infra.dashboards", "write and check the QuickSight dashboards"),
    "database": ("infra.database", "make the database users of an environment"),
    "deploy": ("infra.deploy", "deploy a release, verify it, roll it back"),
    "local": ("infra.local", "run the platform on this machine"),
    "mysql": ("infra.local.mysql", "unpack a private MySQL"),
    "pictures": ("infra.local.pictures", "draw the pictures of README.md"),
    "pools": ("infra.pools", "make the pools of an MWAA environment"),
    "setup": ("infra.local.bootstrap", "make the virtual environments; needs no package"),
    "source": ("infra.local.vendor", "write a synthetic dump"),
}


def usage() -> str:
    """Return the list of verbs."""
    lines = [f"  {verb:10} {summary}" for verb, (_, summary) in VERBS.items()]
    return "\n".join(["usage: python -m infra VERB [ARGUMENT ...]; python -m infra VERB --help", "", *lines])


def main() -> int:
    """Run the module of the verb as a program; return 2 when there is no such verb."""
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb in ("-h", "--help"):
        print(usage())
        return 0
    if verb not in VERBS:
        print(f"there is no verb {verb!r}\n{usage()}" if verb else usage(), file=sys.stderr)
        return 2
    del sys.argv[1]
    runpy.run_module(VERBS[verb][0], run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
