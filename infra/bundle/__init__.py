"""What Amazon MWAA gets: `dags/` with `include/` and `dbt/` inside it, plugins.zip, requirements.txt, startup.sh.

The same commit gives the same bytes, so that an unchanged plugins.zip or requirements.txt causes no environment update
(each takes MWAA 10 to 30 minutes).

Airflow's packages are in plugins.zip (`infra.bundle.mwaa`). What startup.sh installs on workers, dbt above all, lies in
`wheels/<SHA-256>/` and `client/<SHA-256>/`, named after the checksum of the list of what is in there. startup.sh knows
that checksum, so it can trust every file, and a folder never changes once uploaded.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from infra.bundle.mwaa import requirements, supported, write_plugins

PROJECT = Path(__file__).resolve().parents[2]
# Generated or private; dbt's `profiles.yml` goes along, for it holds names of variables and no secrets.
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "target", "logs", "dbt_packages")
# Certificate authorities of Aurora in Tokyo; the logins in Secrets Manager name its path (`ca_bundle_path`).
CERTIFICATES = "rds-ap-northeast-1-bundle.pem"


class BundleError(RuntimeError):
    """The bundle cannot be built; the message says what is missing."""


def build(
    out: Path,
    dbt: Path,
    project: Path = PROJECT,
    *,
    airflow: str | None = None,
    packages: Path | None = None,
    wheels: Path | None = None,
    client: Path | None = None,
) -> None:
    """Write the bundle into `out`, which is emptied first.

    Args:
        out: folder to make.
        dbt: the dbt program that compiles the manifest.
        project: the checkout.
        airflow: version of Airflow in the environment, one of `infra.bundle.mwaa.supported`; None is the first of them.
        packages: folder made by `infra.bundle.wheels.fetch`, of Airflow's packages. Without it requirements.txt cannot
            be installed, which the task preflight says.
        wheels: the same, of dbt's. Without it workers have no dbt, and say so.
        client: folder with the rpm files of a mysql client and their checksums in `SHA256SUMS`. Without it workers ask
            their distribution for one.

    Raises:
        BundleError: dbt is missing or cannot parse its project, or `client` is not what its checksums say.
    """
    shutil.rmtree(out, ignore_errors=True)
    dags = out / "dags"
    shutil.copytree(project / "dags", dags, ignore=LEFT_OUT)
    shutil.copytree(project / "include", dags / "include", ignore=LEFT_OUT)
    shutil.copytree(project / "dbt", dags / "dbt", ignore=LEFT_OUT)
    (dags / "dbt" / "target").mkdir()
    (dags / "dbt" / "target" / "manifest.json").write_text(_manifest(project / "dbt", dbt))
    (dags / ".airflowignore").write_bytes((project / "dags" / ".airflowignore").read_bytes())
    (dags / CERTIFICATES).write_bytes((project / "infra" / "bundle" / CERTIFICATES).read_bytes())
    airflow = airflow or supported(project)[0]
    write_plugins(out / "plugins.zip", project, airflow, packages)
    for folder in (out, dags):  # MWAA installs the one, the task preflight compares with the other
        (folder / "requirements.txt").write_text(requirements(project, airflow))
    script = (project / "infra" / "bundle" / "startup.sh").read_text()
    if wheels:
        script = with_folder(script, "wheels", wheels, "requirements.txt", out)
    if client:
        check_client(client)
        script = with_folder(script, "client", client, "SHA256SUMS", out)
    (out / "startup.sh").write_text(script)


def stable_manifest(manifest: dict[str, Any]) -> str:
    """Return a dbt manifest as text without what differs from one `dbt parse` to the next."""
    for field in ("generated_at", "invocation_id", "user_id", "env"):
        manifest["metadata"].pop(field, None)
    switched_off = [node for nodes in manifest.get("disabled", {}).values() for node in nodes]
    kinds = ("nodes", "sources", "macros", "exposures", "docs")
    for node in [*switched_off, *(node for kind in kinds for node in manifest.get(kind, {}).values())]:
        node.pop("created_at", None)
    return json.dumps(manifest, sort_keys=True, ensure_ascii=False)


def with_folder(script: str, name: str, folder: Path, list_name: str, out: Path) -> str:
    """Add a folder that startup.sh installs from; return the script that knows the checksum of its list.

    Args:
        script: text of startup.sh.
        name: `wheels` or `client`.
        folder: what to add.
        list_name: the file in it that names all others with their checksums.
        out: the bundle.

    Raises:
        BundleError: the script has no place for that checksum.
    """
    digest = hashlib.sha256((folder / list_name).read_bytes()).hexdigest()
    shutil.copytree(folder, out / name / digest)
    before, unset, after = script.partition(f"    {name}=none ")
    if not unset:
        raise BundleError(f"startup.sh has no line '{name}=none' that the bundle could set")
    return f"{before}    {name}={digest} {after}"


def check_client(client: Path) -> None:
    """Hold rpm files to the `SHA256SUMS` beside them, as a worker will.

    Raises:
        BundleError: there is no list, or a file is not as listed.
    """
    try:
        lines = (client / "SHA256SUMS").read_text().splitlines()
    except FileNotFoundError:
        raise BundleError(f"{client} has no SHA256SUMS; make it there with `sha256sum *.rpm > SHA256SUMS`") from None
    wanted = {name.lstrip("*"): digest for digest, name in (line.split(maxsplit=1) for line in lines if line.strip())}
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in client.glob("*.rpm")}
    if wrong := sorted(name for name, _ in wanted.items() ^ found.items()):
        raise BundleError(f"{client}: {', '.join(dict.fromkeys(wrong))} is not what SHA256SUMS says")


def _manifest(project: Path, dbt: Path) -> str:
    with tempfile.TemporaryDirectory() as target:
        command: list[str | Path] = [
            dbt,
            "--quiet",
            "--no-use-colors",
            "parse",
            "--no-partial-parse",
            "--project-dir",
            project,
            "--profiles-dir",
            project,
        ]
        command += ["--target-path", target, "--log-path", target]
        try:
            result = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise BundleError(f"{dbt} is missing; make the dbt environment with `make setup`") from None
        if result.returncode:
            raise BundleError(f"dbt cannot parse {project}: {result.stdout.strip()}")
        return stable_manifest(json.loads((Path(target) / "manifest.json").read_text()))
