"""Terraform on a copy of the project's `infra/`, so that nothing is left behind in the source.

The provider comes from the registry, or from a directory laid out as a filesystem mirror when the environment variable
`TERRAFORM_PROVIDER_MIRROR` names one: https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
INFRA = PROJECT / "infra"
MIRROR = "TERRAFORM_PROVIDER_MIRROR"
ENVIRONMENTS = ("bootstrap", "dev", "prod")
FAKE_LOGIN = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "ap-northeast-1"}
# Characters of output that an error shows; a plan before it can be a hundred times as long.
TAIL = 3000
NOT_COPIED = shutil.ignore_patterns(
    ".terraform", "__pycache__", "*.tfstate*", "*.tfplan", "terraform.tfvars", "backend.tf"
)


class TerraformError(RuntimeError):
    """Terraform refused; the message is what it printed."""


@dataclass(frozen=True)
class Workspace:
    """A private copy of `infra/` in which Terraform may leave its files.

    Attributes:
        directory: parent of the copy.
        environment: variables that Terraform gets besides its own.
    """

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def copy(cls, directory: Path, environment: Mapping[str, str] | None = None) -> Workspace:
        """Copy the source and point Terraform at the provider mirror when there is one."""
        shutil.copytree(INFRA, directory / "infra", ignore=NOT_COPIED)
        return cls(directory, environment or {})

    @property
    def infra(self) -> Path:
        """The copied `infra/`."""
        return self.directory / "infra"

    def run(self, where: str, *arguments: str, timeout: float = 420) -> str:
        """Run `terraform ARGUMENTS` in a folder below `infra/` and return its output.

        Args:
            where: folder, for example `environments/dev`.
            arguments: what follows `terraform`.
            timeout: longest wait, in seconds.

        Raises:
            TerraformError: it failed, or did not end in time.
        """
        result = self._call(where, *arguments, timeout=timeout)
        if result.returncode:
            raise TerraformError(
                f"terraform {arguments[0]} in {where} failed:\n{result.stdout[-TAIL:]}{result.stderr[-TAIL:]}"
            )
        return result.stdout

    def init(self, where: str, *arguments: str) -> None:
        """Fetch the provider; an environment must find exactly what its committed lock file names."""
        locked = ["-lockfile=readonly"] if where.startswith("environments/") else []
        self.run(where, "init", "-no-color", "-input=false", *locked, *arguments)

    def plan(self, where: str, *arguments: str) -> dict[str, Any]:
        """Return the plan with the example values as Terraform's JSON."""
        file = "check.tfplan"
        self.run(where, "plan", "-no-color", "-input=false", "-var-file=example.tfvars", f"-out={file}", *arguments)
        return dict(json.loads(self.run(where, "show", "-json", file)))

    def test(self, where: str) -> list[dict[str, Any]]:
        """Run a module's own tests and return what Terraform reports of them, one message after the other.

        Raises:
            TerraformError: a test failed; the message is what Terraform says of it.
        """
        result = self._call(where, "test", "-json", "-verbose", timeout=420)
        messages = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
        if result.returncode:
            said = [each["diagnostic"] for each in messages if each["type"] == "diagnostic"]
            text = "\n".join(f"{each['summary']}: {each.get('detail', '')}" for each in said)
            raise TerraformError(f"terraform test in {where} failed:\n{text[-TAIL:]}{result.stderr[-TAIL:]}")
        return messages

    def _call(self, where: str, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                ["terraform", f"-chdir={self.infra / where}", *arguments],
                env=self._environment(),
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TerraformError(f"terraform {arguments[0]} in {where} did not end in {timeout:.0f} s") from error

    def _environment(self) -> dict[str, str]:
        # GOGC: a fifth less of the processors for 200 MB.
        mine = {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "GOGC": "400", **FAKE_LOGIN, **self.environment}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        if mirror := os.environ.get(MIRROR):
            configuration = self.directory / "terraform.rc"
            configuration.write_text(
                f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
            )
            mine["TF_CLI_CONFIG_FILE"] = str(configuration)
        return inherited | mine


@cache
def unavailable() -> str | None:
    """Return why Terraform cannot run here, or None when it can."""
    if not shutil.which("terraform"):
        return "terraform is not installed; see https://developer.hashicorp.com/terraform/install"
    with TemporaryDirectory() as directory:
        workspace = Workspace.copy(Path(directory))
        try:
            workspace.init("modules/encryption")
        except TerraformError as error:
            reason = next((line for line in str(error).splitlines() if "Error" in line or "registry" in line), "")
            return (
                f"the AWS provider can be had neither from the registry nor from {MIRROR} "
                f"({os.environ.get(MIRROR) or 'not set'}): {reason.strip()}"
            )
    return None
