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

from infra.check import matrix, module_tests, plan_rules, scans
from infra.check.fake_aws import STACKS, STATE_BUCKET, applicable, fake_aws, up_and_down
from infra.check.terraform import ENVIRONMENTS, INFRA, PROJECT, TAIL, Workspace, unavailable
from infra.dashboards import committed as dashboards
from infra.local.database import free_port

# Two processors, and one more since `apply` waits most of the time.
SIDE_BY_SIDE = 3
# Where tests bear the mark infra.
TESTS = ("tests/infra", "tests/plugins", "tests/include/alerts")
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
    runs, found = 0, set[str]()
    names = sorted(f"{path.parent.parent.relative_to(INFRA / 'modules')}" for path in INFRA.rglob("*.tftest.hcl"))
    for name in names:
        with _stand_in() as workspace:
            workspace.init(f"modules/{name}")
            count, refused = module_tests.run(workspace, name)
            runs += count
            found |= {f"{name}: {sentence}" for sentence in refused}
    return _green(found, f"{len(names)} modules, {runs} runs")


def held_to_policy() -> str:
    """Plan every environment in each combination and hold the plans to policy, limits and needs."""
    counted, found = [], set[str]()
    for name in ENVIRONMENTS:
        where = f"environments/{name}"
        with _stand_in() as workspace:
            workspace.init(where, *_backend(name))
            made = [("", workspace.plan(where))] if name == "bootstrap" else matrix.plans(workspace, where)
            for combination, plan in made:
                found |= {f"{name} ({combination}): {sentence}" for sentence in matrix.faults(plan)}
                counted.append(len(plan_rules.resources(plan)))
    return _green(found, f"{len(counted)} plans, {sum(counted)} resources, {len(plan_rules.RULES)} rules")


def applied_twice() -> str:
    """Apply, plan again and destroy, the platform twice in a row.

    What was applied is held to IAM's grammar, and what is planned on it, where nearly everything is known, to the same
    as each plan.
    """
    lines = []
    for where, times in (("environments/dev", 2), ("environments/bootstrap", 1), (STACKS, 1)):
        name = Path(where).name
        with _stand_in() as workspace:
            workspace.init(where, *_backend(name))
            targets = applicable(workspace.plan(where))
            for _ in range(times):
                state, plan = up_and_down(workspace, where, targets)
            lines.append(f"{name} {len(targets)} resources, {times} x")
            if policies := scans.identity_policies(state):
                lines.append(scans.parliament(scans.scanners(), policies))
            # The stacks' own folder is no environment: it has no tags, for example.
            _green(set() if where == STACKS else set(matrix.faults(plan)), name)
    return ", ".join(lines)


def _green(found: Collection[str], summary: str) -> str:
    if found:
        raise CheckError("\n".join(sorted(found)))
    return summary


def scanned() -> str:
    """Scan the HCL with checkov."""
    return scans.checkov(scans.scanners())


def dashboards_hold() -> str:
    """Hold the dashboards and their data sets to their YAML, to gold and to AWS's models."""
    return _green(dashboards.faults(), f"{len(dashboards.committed())} dashboards")


def tests_pass() -> str:
    """Run the tests of the mark infra: each rule goes red once, and what code must keep for AWS to take it."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-m", "infra", *TESTS]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if result.returncode:
        raise CheckError(result.stdout[-TAIL:])
    return result.stdout.strip().splitlines()[-1].strip("= ")


# The two longest first, for the others fit beside them.
STEPS = (
    Step("dashboards", "definitions fit gold and AWS's models", dashboards_hold, terraform=False),
    Step("shell", "scripts pass shellcheck", scans.shellcheck, terraform=False),
    Step("format", "terraform fmt", formatted),
    Step("apply", "apply, empty plan, destroy, twice", applied_twice),
    Step("tests", "each rule goes red once", tests_pass, terraform=False),
    Step("policy", "plans in 16 combinations: rules, limits, who reaches whom", held_to_policy),
    Step("modules", "terraform test of each module, AWS's models over it", modules_tested),
    Step("checkov", "policy scan, skips with reasons", scanned, terraform=False),
    Step("validate", "arguments, types and references", validated),
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
