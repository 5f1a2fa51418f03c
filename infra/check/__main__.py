"""Command line: `python -m infra check [STEP ...] [--skip STEP ...]`; without steps, all of them.

Needs `terraform`, and the AWS provider from the registry or from the directory in TERRAFORM_PROVIDER_MIRROR. A step
that cannot run here says why; unless `--skip` names it, the exit code is 3.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.check import plan_rules, scans
from infra.check.fake_aws import STACKS, STATE_BUCKET, applicable, fake_aws, up_and_down
from infra.check.terraform import ENVIRONMENTS, INFRA, Workspace, unavailable
from infra.dashboards import committed as dashboards
from infra.local.database import free_port

SIDE_BY_SIDE = 2
# Stands for every step that needs Terraform.
TERRAFORM = "terraform"
# Exit codes; 2 is argparse's.
NOTHING_FOUND, FOUND, NOT_CHECKED = 0, 1, 3


@contextlib.contextmanager
def _stand_in() -> Iterator[Workspace]:
    """Yield a copy of the source that leads to a stand-in for AWS of its own."""
    with TemporaryDirectory() as text, fake_aws(Path(text), free_port()) as login:
        yield Workspace.copy(Path(text), login)


def _backend(name: str) -> list[str]:
    """Return the arguments that keep an environment's state in the stand-in; any other stays beside the source."""
    return [f"-backend-config=bucket={STATE_BUCKET}"] if name in ("dev", "prod") else []


class CheckError(RuntimeError):
    """A step found something; the message lists what."""


@dataclass(frozen=True)
class Step:
    """One step of the check: its name, what it proves, and the function that does it and returns a summary."""

    name: str
    proves: str
    run: Callable[[], str]
    terraform: bool = True

    def named(self, names: Collection[str]) -> bool:
        """Return whether the step, or all that need Terraform, are among the names."""
        return self.name in names or (self.terraform and TERRAFORM in names)


def formatted() -> str:
    """Hold the HCL to Terraform's own format."""
    with TemporaryDirectory() as directory:
        Workspace.copy(Path(directory)).run(".", "fmt", "-check", "-recursive", "-diff")
    return "ok"


def validated() -> str:
    """Validate each environment, with the locked provider."""
    for name in ENVIRONMENTS:
        with TemporaryDirectory() as directory:
            workspace = Workspace.copy(Path(directory))
            workspace.init(f"environments/{name}", "-backend=false")
            workspace.run(f"environments/{name}", "validate", "-no-color")
    return ", ".join(ENVIRONMENTS)


def modules_tested() -> str:
    """Run each module's own tests, each against a stand-in of its own where AWS cannot be mocked."""
    runs = 0
    names = sorted(f"{path.parent.parent.relative_to(INFRA / 'modules')}" for path in INFRA.rglob("*.tftest.hcl"))
    for name in names:
        with _stand_in() as workspace:
            workspace.init(f"modules/{name}")
            # One line for each run, and one for the file.
            runs += workspace.run(f"modules/{name}", "test", "-no-color").count("... pass") - 1
    return f"{len(names)} modules, {runs} runs"


def held_to_policy() -> str:
    """Plan every environment and hold the plans to the policy."""
    counted, found = 0, []
    for name in ENVIRONMENTS:
        with _stand_in() as workspace:
            workspace.init(f"environments/{name}", *_backend(name))
            plan = workspace.plan(f"environments/{name}")
            found += [f"{name}: {sentence}" for sentence in plan_rules.violations(plan)]
            counted += len(plan_rules.resources(plan))
    if found:
        raise CheckError("\n".join(found))
    return f"{counted} resources, {len(plan_rules.RULES)} rules"


def applied_twice() -> str:
    """Apply, plan again and destroy, the platform twice in a row; what was applied is held to IAM's grammar."""
    lines = []
    for where, times in (("environments/dev", 2), ("environments/bootstrap", 1), (STACKS, 1)):
        name = Path(where).name
        with _stand_in() as workspace:
            workspace.init(where, *_backend(name))
            targets = applicable(workspace.plan(where))
            for _ in range(times):
                state = up_and_down(workspace, where, targets)
            lines.append(f"{name} {len(targets)} resources, {times} x")
            if policies := scans.identity_policies(state):
                lines.append(scans.parliament(scans.scanners(), policies))
    return ", ".join(lines)


def scanned() -> str:
    """Scan the HCL with checkov."""
    return scans.checkov(scans.scanners())


def dashboards_hold() -> str:
    """Hold the dashboards and their data sets to their YAML, to gold and to AWS's models."""
    if found := dashboards.faults():
        raise CheckError("\n".join(found))
    return f"{len(dashboards.committed())} dashboards"


STEPS = (
    Step("dashboards", "definitions fit gold and AWS's models", dashboards_hold, terraform=False),
    Step("shell", "scripts pass shellcheck", scans.shellcheck, terraform=False),
    Step("format", "terraform fmt", formatted),
    Step("apply", "apply, empty plan, destroy, twice", applied_twice),
    Step("validate", "arguments, types and references", validated),
    Step("checkov", "policy scan, skips with reasons", scanned, terraform=False),
    Step("policy", "our own rules over the plans", held_to_policy),
    Step("modules", "terraform test of each module", modules_tested),
)


def main(arguments: list[str] | None = None) -> int:
    """Run the steps, print a line for each, and return 1 when one found something, 3 when one could not run."""
    names = [step.name for step in STEPS]
    parser = argparse.ArgumentParser(
        prog="python -m infra check",
        description="What can be proven about the infrastructure without AWS.",
        epilog="Exit code: 0 nothing found, 1 something found, 3 nothing found but a step could not run here.",
    )
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"steps to run: {', '.join(names)} (default: all)")
    parser.add_argument(
        "--skip",
        nargs="+",
        default=[],
        metavar="STEP",
        help=f"steps to leave out; {TERRAFORM} stands for all that need it",
    )
    options = parser.parse_args(arguments)
    if unknown := {*options.steps, *options.skip} - {*names, TERRAFORM}:
        parser.error(f"there is no step {', '.join(sorted(unknown))}; steps are {', '.join(names)}")
    chosen = [step for step in STEPS if not options.steps or step.named(options.steps)]
    chosen = [step for step in chosen if not step.named(options.skip)]
    unavailable()  # asked once, before two steps ask at the same time
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        states = list(pool.map(_state, chosen))
    missing = [step.name for step, state in zip(chosen, states, strict=True) if state == "skipped"]
    if missing:
        print(f"not checked: {', '.join(missing)}; --skip {' '.join(missing)} accepts that", file=sys.stderr)
    if "FAILED" in states:
        return FOUND
    return NOT_CHECKED if missing else NOTHING_FOUND


def _state(step: Step) -> str:
    """Run one step, print its line, and return ok, skipped or FAILED."""
    started = time.monotonic()
    reason = unavailable() if step.terraform else None
    try:
        state, text = ("skipped", reason) if reason else ("ok", step.run())
    except scans.ScannerMissing as error:
        state, text = "skipped", str(error)
    except (subprocess.SubprocessError, RuntimeError, AssertionError, ValueError) as error:
        state, text = "FAILED", str(error)
    print(f"{step.name:10} {state:8} {time.monotonic() - started:6.1f} s  {step.proves}: {text}", flush=True)
    return state


if __name__ == "__main__":
    sys.exit(main())
