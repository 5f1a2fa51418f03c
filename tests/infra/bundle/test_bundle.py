"""The MWAA bundle, seen as MWAA sees it: only its own `dags` and `plugins` on the path."""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from cryptography import x509

from include.preflight.requirements_lock import airflow_version, pins, read_lock
from infra.bundle import PROJECT, BundleError, build, check_client, stable_manifest, with_folder
from infra.bundle.mwaa import requirements, supported, write_plugins
from tests.infra.bundle.closure import Closure, in_environment

DBT = PROJECT / ".venv-dbt" / "bin" / "dbt"
IMPORT_ALL = """
import sys
sys.path[:0] = sys.argv[1:]
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
assert not bag.import_errors, bag.import_errors
import include
print("dags", *sorted(bag.dags), "from", include.__file__)
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "mwaa"
    build(out, DBT)
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_i14_a_fresh_interpreter_imports_every_dag_from_the_bundle_alone(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle / "plugins.zip") as archive:
        archive.extractall(tmp_path / "plugins")
    result = subprocess.run(
        [sys.executable, "-I", "-B", "-c", IMPORT_ALL, str(bundle / "dags"), str(tmp_path / "plugins")],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AIRFLOW_HOME": str(tmp_path / "airflow")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"a DAG cannot be imported from the bundle:\n{result.stderr[-3000:]}"
    names = sorted(file.stem for file in (PROJECT / "dags").glob("*.py"))
    assert (
        result.stdout.splitlines()[-1] == f"dags {' '.join(names)} from {bundle / 'dags' / 'include' / '__init__.py'}"
    )


def test_the_bundle_holds_production_code_only(bundle: Path) -> None:
    files = contents(bundle)
    assert {"requirements.txt", "startup.sh", "plugins.zip", "dags/.airflowignore"} <= set(files)
    assert "dags/dbt/target/manifest.json" in files
    assert files["dags/requirements.txt"] == files["requirements.txt"], "what the task preflight compares with"
    for name, content in files.items():
        parts = name.split("/")
        assert "__pycache__" not in parts
        if name.endswith(".py"):
            assert not re.search(rb"^\s*(from|import) (infra|tests)\b", content, re.MULTILINE), (
                f"{name} imports what does not ship"
            )


def test_the_bundle_brings_the_certificates_that_the_logins_name(bundle: Path) -> None:
    """Without the file no task gets into Aurora; what is not signed by itself would vouch for nothing."""
    variables = (PROJECT / "infra" / "modules" / "platform" / "variables.tf").read_text()
    path = re.search(r'"/usr/local/airflow/(dags/[^"]+\.pem)"', variables)
    assert path
    roots = x509.load_pem_x509_certificates((bundle / path[1]).read_bytes())
    assert len(roots) == 3, "one for each kind of key that Aurora offers"
    for root in roots:
        root.verify_directly_issued_by(root)
        assert "ap-northeast-1 Root CA" in root.subject.rfc4514_string()
        assert root.not_valid_after_utc.year > 2060


def locked(name: str) -> dict[str, str]:
    return {each.name: each.version for each in read_lock((PROJECT / "infra" / "locks" / name).read_text(), "3.12")}


def test_i14_i38_every_package_of_requirements_is_pinned_as_in_the_lock_and_dbt_is_none() -> None:
    text = (PROJECT / "requirements.txt").read_text()
    assert airflow_version(text) == "3.3.1"
    versions = locked("airflow-3.3.1.lock")
    assert {pin.name: str(pin.specifier) for pin in pins(text)} == {
        pin.name: f"=={versions[pin.name]}" for pin in pins(text)
    }
    assert not [pin for pin in pins(text) if pin.name.startswith("dbt")], "dbt cannot share Airflow's environment"
    assert "astronomer-cosmos==1.15.1" in text


@pytest.mark.parametrize("airflow", ["3.3.1", "3.2.1"])
def test_i14_mwaa_installs_the_versions_of_its_airflow_from_plugins_zip_alone(airflow: str) -> None:
    text = requirements(PROJECT, airflow)
    assert text.splitlines()[:3] == [
        f'--constraint "/usr/local/airflow/plugins/constraints-{airflow}.txt"',
        "--find-links /usr/local/airflow/plugins/wheels",
        "--no-index",
    ], "MWAA adds constraints of its own where a file names none"
    assert airflow_version(text) == airflow
    versions = locked(f"airflow-{airflow}.lock")
    ours = pins((PROJECT / "requirements.txt").read_text())
    assert [(pin.name, pin.extras) for pin in pins(text)] == [(pin.name, pin.extras) for pin in ours]
    assert [str(pin.specifier) for pin in pins(text)] == [f"=={versions[pin.name]}" for pin in ours]


@pytest.mark.parametrize("airflow", ["3.3.1", "3.2.1"])
def test_i14_what_is_shipped_is_what_the_image_lacks_and_changes_nothing_in_it(airflow: str) -> None:
    lock, shipped = locked(f"airflow-{airflow}.lock"), locked(f"mwaa-{airflow}.lock")
    image = locked(f"mwaa-image-{airflow}.txt")
    assert shipped.items() <= lock.items()
    assert not shipped.keys() & image.keys()
    assert {name: lock[name] for name in image.keys() & lock.keys()} == {
        name: image[name] for name in image.keys() & lock.keys()
    }
    assert image["apache-airflow"] == airflow


def test_i14_the_lock_of_what_is_shipped_lacks_nothing() -> None:
    """By what the packages say that are installed here; test_views.py asks the wheels, for both versions."""
    airflow, here = metadata.version("apache-airflow"), in_environment(Path(sys.prefix))
    shipped = {name: here[name] for name in locked(f"mwaa-{airflow}.lock") if name in here}
    image = {name: here[name] for name in locked(f"mwaa-image-{airflow}.txt") if name in here}
    closure = Closure(requirements(PROJECT, airflow), shipped, image, platform.machine())
    assert closure.missing() == []
    del shipped["s3fs"]
    (missing,) = closure.missing()
    assert missing.startswith("s3fs>="), "else this test sees nothing"


def test_the_versions_that_a_bundle_is_built_for() -> None:
    assert supported(PROJECT) == ["3.3.1", "3.2.1"]


def test_what_openlineage_needs_is_named_with_the_version_of_the_lock_and_not_installed() -> None:
    for airflow, text in {
        "3.3.1": (PROJECT / "requirements.txt").read_text(),
        "3.2.1": requirements(PROJECT, "3.2.1"),
    }.items():
        (line,) = [line for line in text.splitlines() if line.startswith("# apache-airflow-providers-openlineage")]
        assert line.endswith(f"=={locked(f'airflow-{airflow}.lock')['apache-airflow-providers-openlineage']}")
        assert "apache-airflow-providers-openlineage" in locked(f"mwaa-{airflow}.lock"), "its wheel waits there"


def test_plugins_zip_brings_packages_and_pages_where_python_does_not_look_by_itself(tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    for name in ("one-1.0-py3-none-any.whl", "two-1.0.tar.gz", "requirements.txt"):
        (tmp_path / "packages" / name).write_text(name)
    for name in ("plugins.zip", "again.zip"):
        write_plugins(tmp_path / name, PROJECT, "3.2.1", tmp_path / "packages")
    assert (tmp_path / "plugins.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "plugins.zip") as archive:
        names = archive.namelist()
        assert archive.read("constraints-3.2.1.txt").decode().splitlines() == [
            f"{name}=={version}" for name, version in locked("mwaa-3.2.1.lock").items()
        ]
        ignored = archive.read(".airflowignore").decode().splitlines()
    assert [name for name in names if name.startswith("wheels/")] == [
        "wheels/one-1.0-py3-none-any.whl",
        "wheels/two-1.0.tar.gz",
    ]
    assert not [name for name in names if name.startswith("include")], "DAGs would import this part of include/"
    python = [name for name in names if name.endswith(".py") and not name.startswith(tuple(ignored))]
    assert python == ["late_notice.py", "model_built.py", "operations.py", "tokyo_time.py"], (
        "Airflow imports these as plugins"
    )


def test_i32_the_same_commit_gives_the_same_bytes(bundle: Path, tmp_path: Path) -> None:
    build(tmp_path / "again", DBT)
    first, again = contents(bundle), contents(tmp_path / "again")
    assert first.keys() == again.keys()
    assert [name for name in first if first[name] != again[name]] == []


def test_a_manifest_keeps_its_meaning_and_loses_its_times() -> None:
    manifest = {
        "metadata": {"generated_at": "now", "invocation_id": "x", "project_name": "p"},
        "nodes": {"model.p.a": {"name": "a", "created_at": 1.5}},
    }
    assert stable_manifest(manifest) == '{"metadata": {"project_name": "p"}, "nodes": {"model.p.a": {"name": "a"}}}'


def test_without_dbt_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is missing; make the dbt environment with `make setup`"):
        build(tmp_path / "out", tmp_path / "no-dbt")


def test_the_startup_script_is_a_script() -> None:
    result = subprocess.run(["bash", "-n", str(PROJECT / "infra/bundle/startup.sh")], capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


def test_what_workers_install_lies_under_its_checksum_and_startup_knows_it(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "requirements.txt").write_text("one==1.0\n")
    digest = hashlib.sha256(b"one==1.0\n").hexdigest()
    script = (PROJECT / "infra" / "bundle" / "startup.sh").read_text()
    changed = with_folder(script, "wheels", tmp_path / "wheels", "requirements.txt", tmp_path / "out")
    assert (tmp_path / "out" / "wheels" / digest / "requirements.txt").is_file()
    assert [new for old, new in zip(script.splitlines(), changed.splitlines(), strict=True) if old != new] == [
        f"    wheels={digest} # `python -m infra bundle` writes in the SHA-256 of the wheels' list"
    ]
    with pytest.raises(BundleError, match=r"startup\.sh has no line 'wheels=none'"):
        with_folder(changed, "wheels", tmp_path / "wheels", "requirements.txt", tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("sums", "says"),
    [
        (None, r"has no SHA256SUMS; make it there with `sha256sum \*\.rpm > SHA256SUMS`"),
        ("", r"client\.rpm is not what SHA256SUMS says"),
        (f"{'0' * 64}  client.rpm\n", r"client\.rpm is not what SHA256SUMS says"),
        (f"{hashlib.sha256(b'x').hexdigest()} *client.rpm\n{'0' * 64}  gone.rpm\n", r": gone\.rpm is not what"),
    ],
)
def test_client_packages_that_are_not_as_listed_are_no_bundle(tmp_path: Path, sums: str | None, says: str) -> None:
    (tmp_path / "client.rpm").write_text("x")
    if sums is not None:
        (tmp_path / "SHA256SUMS").write_text(sums)
    with pytest.raises(BundleError, match=says):
        check_client(tmp_path)
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(b'x').hexdigest()}  client.rpm\n")
    check_client(tmp_path)


LOCKS = [
    *(PROJECT / "infra" / "locks").glob("*.lock"),
    PROJECT / "dbt" / "requirements.lock",
    PROJECT / "infra" / "bundle" / "requirements.lock",
]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda file: file.name)
def test_i14_i38_every_package_of_a_lock_has_one_version_and_its_hash(lock: Path) -> None:
    packages = re.split(r"\n(?=\w)", re.sub(r"^#.*\n", "", lock.read_text(), flags=re.MULTILINE).strip())
    assert packages
    assert [
        package for package in packages if "==" not in package.splitlines()[0] or "--hash=sha256:" not in package
    ] == []
