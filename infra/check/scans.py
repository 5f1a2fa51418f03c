"""Programs that know AWS's own rules: checkov for the HCL, parliament for the grammar of IAM, shellcheck for scripts.

checkov and parliament live in a virtual environment of their own, made on first use from `requirements.lock`, for their
hundred packages fit no other.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import Any

from infra.check.terraform import INFRA, PROJECT

LOCK = Path(__file__).with_name("requirements.lock")
ENVIRONMENT = PROJECT / ".venv-infra"
INSTALLING = Lock()

GRAMMAR_EXCEPTIONS = {
    "UNKNOWN_ACTION": ("airflow:InvokeRestApi",),  # newer than parliament's list of actions
    "RESOURCE_MISMATCH": ("ssmmessages:OpenDataChannel",),  # takes sessions since AWS made it narrower
    "UNKNOWN_CONDITION_FOR_ACTION": ("ssm:SessionDocumentAccessCheck",),  # AWS documents it, its list of keys lacks it
}


class ScannerMissing(RuntimeError):
    """A scanner is not installed on this machine; the message says how to get it."""


class ScanError(RuntimeError):
    """A scanner found something or could not be installed; the message lists what."""


def scanners() -> Path:
    """Return the folder of the scanners' programs, installing them when the lock has changed.

    Raises:
        ScanError: they cannot be installed.
    """
    with INSTALLING:
        return _installed()


def _installed() -> Path:
    programs = ENVIRONMENT / "bin"
    stamp = ENVIRONMENT / "lock.sha256"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return programs
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", str(ENVIRONMENT)],
        [str(programs / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK)],
    ):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise ScanError(f"the scanners cannot be installed: {result.stderr.strip()[-1000:]}")
    stamp.write_text(digest)
    return programs


def checkov(programs: Path, infra: Path = INFRA) -> str:
    """Scan the HCL; a skipped rule carries its reason where it is skipped.

    Raises:
        ScanError: a rule failed, or a skip has no reason.
    """
    command = [str(programs / "checkov"), "-d", str(infra), "--framework", "terraform", "--skip-download"]
    result = subprocess.run([*command, "--quiet", "-o", "json"], capture_output=True, text=True, check=False)
    try:
        report = json.loads(result.stdout)
    except ValueError as error:
        raise ScanError(f"checkov did not report: {result.stderr.strip()[-1000:]}") from error
    failed = {(each["check_id"], each["check_name"], each["resource"]) for each in report["results"]["failed_checks"]}
    skipped = report["results"].get("skipped_checks", [])
    bare = {(each["check_id"], "skipped without a reason", each["resource"]) for each in skipped if not _reason(each)}
    if found := sorted(failed | bare):
        raise ScanError("\n".join(f"{rule} {name}: {resource}" for rule, name, resource in found))
    summary = report["summary"]
    return f"{summary['passed']} passed, {summary['skipped']} skipped with reason"


def parliament(programs: Path, policies: list[tuple[str, str]]) -> str:
    """Hold policies to IAM's grammar: actions that exist, on resources they know, under conditions they know.

    Args:
        programs: see `scanners`.
        policies: address and JSON of each.

    Raises:
        ScanError: parliament found something.
    """
    code = (
        "import json, sys\n"
        "from parliament import analyze_policy_string\n"
        "found = []\n"
        "for address, text in json.load(sys.stdin):\n"
        "    for each in analyze_policy_string(text).findings:\n"
        "        found.append([address, each.issue, str(each.detail)])\n"
        "print(json.dumps(found))\n"
    )
    result = subprocess.run(
        [str(programs / "python"), "-W", "ignore", "-c", code],
        input=json.dumps(policies),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise ScanError(f"parliament did not report: {result.stderr.strip()[-1000:]}")
    findings = [
        f"{address}: {issue} {detail}"
        for address, issue, detail in json.loads(result.stdout)
        if not any(known in detail for known in GRAMMAR_EXCEPTIONS.get(issue, ()))
    ]
    if findings:
        raise ScanError("\n".join(findings))
    return f"{len(policies)} policies"


def shellcheck(infra: Path = INFRA) -> str:
    """Check every shell script.

    Raises:
        ScanError: shellcheck found something.
        ScannerMissing: shellcheck is not installed.
    """
    scripts = sorted(str(path) for path in infra.rglob("*.sh"))
    if not shutil.which("shellcheck"):
        raise ScannerMissing("shellcheck is not installed (on Debian: apt-get install shellcheck)")
    if not scripts:
        return "no scripts"
    result = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    if result.returncode:
        raise ScanError(result.stdout)
    return f"{len(scripts)} scripts"


def identity_policies(state: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the address and JSON of every role policy in a state file."""
    return [
        (f"{resource.get('module', 'root')}.{resource['name']}", instance["attributes"]["policy"])
        for resource in state["resources"]
        if resource["type"] == "aws_iam_role_policy"
        for instance in resource["instances"]
    ]


def _reason(skipped: dict[str, Any]) -> str:
    return str(skipped["check_result"].get("suppress_comment") or "").replace("No comment provided", "").strip()
