"""What somebody changed on a dashboard in QuickSight's console, as a difference from the committed definition.

Changes stay only when they come back as YAML: the next deploy overwrites everything else.
"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from infra.dashboards import DASHBOARDS, DashboardError
from infra.dashboards.fields import Json

if TYPE_CHECKING:
    from types_boto3_quicksight import QuickSightClient

# Set by Terraform, not by the definition.
NOT_COMPARED = ("DataSetIdentifierDeclarations",)


def dashboard_id(environment: str, name: str, folder: str = "view") -> str:
    """Return the id of a dashboard in AWS, as the Terraform module gives it.

    Args:
        environment: `dev` or `prod`.
        name: id of the dashboard.
        folder: `view`, or `export` for the one whose readers may export.
    """
    return f"gghouse-{environment}-{name.replace('_', '-')}" + ("-export" if folder == "export" else "")


def pulled(quicksight: QuickSightClient, account: str, dashboard: str) -> Json:
    """Return the published definition of a dashboard.

    Raises:
        DashboardError: QuickSight could not give it; says why.
    """
    answer = quicksight.describe_dashboard_definition(AwsAccountId=account, DashboardId=dashboard)
    if errors := answer.get("Errors"):
        raise DashboardError(f"{dashboard}: {'; '.join(each.get('Message', '') for each in errors)}")
    definition: Json = dict(answer["Definition"])
    return {key: value for key, value in definition.items() if key not in NOT_COMPARED}


def difference(name: str, theirs: Json) -> list[str]:
    """Return a unified difference from the committed definition to that of the console, empty when they are equal."""
    ours = json.loads((DASHBOARDS / f"{name}.json").read_text(encoding="utf-8"))
    return list(difflib.unified_diff(_lines(ours), _lines(theirs), f"{name}.json", "QuickSight", lineterm="", n=4))


def _lines(definition: Json) -> list[str]:
    return json.dumps(_normal(definition), ensure_ascii=False, indent=1, sort_keys=True).splitlines()


def _normal(part: Any) -> Any:
    """Return a part without what means nothing: empty values, numbers written as 1.0, the order of keys."""
    if isinstance(part, dict):
        kept = {key: _normal(value) for key, value in part.items()}
        return {key: value for key, value in kept.items() if value not in (None, [], {})}
    if isinstance(part, list):
        return [_normal(each) for each in part]
    return int(part) if isinstance(part, float) and part.is_integer() else part
