"""QuickSight dashboards as code: a short YAML for each, and the definition made from it.

`infra/modules/quicksight/dashboards/<id>.yml` is written by people, `<id>.json` beside it by `python -m infra
dashboards write`. Terraform deploys the JSON, the preview on a laptop draws it, and tests hold it to the YAML.
"""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
MODULE = PROJECT / "infra" / "modules" / "quicksight"
DASHBOARDS = MODULE / "dashboards"


class DashboardError(ValueError):
    """A dashboard cannot be made or must not be deployed; the message names the place and what to do."""
