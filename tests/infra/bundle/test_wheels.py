"""The list of the wheels. Fetching them asks PyPI and takes a minute: `make bundle` does it, no test."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from include.preflight.requirements_lock import Locked, read_lock
from infra.bundle import PROJECT
from infra.bundle.wheels import PLAIN, TOOLS, WheelError, build, fetch, listed

ONE = Locked("one", "1.0", ("sha256:00",))
BOTH = ("one-1.0-cp312-cp312-manylinux_2_28_x86_64.whl", "one-1.0-cp37-abi3-manylinux2014_aarch64.whl")


def folder(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).write_text(name)
    return path


def test_the_list_names_exactly_the_files_that_are_shipped(tmp_path: Path) -> None:
    digests = sorted(hashlib.sha256(name.encode()).hexdigest() for name in BOTH)
    line = listed([ONE], folder(tmp_path, *BOTH))
    assert line.startswith("one==1.0 --hash=sha256:")
    assert line.endswith("\n")
    assert sorted(read_lock(line, "3.12")[0].hashes) == [f"sha256:{digest}" for digest in digests]


def test_a_wheel_that_fits_everywhere_is_enough(tmp_path: Path) -> None:
    assert listed([ONE], folder(tmp_path, "one-1.0-py2.py3-none-any.whl")).count("--hash") == 1


def test_what_is_compiled_where_it_is_installed_fits_everywhere(tmp_path: Path) -> None:
    assert listed([ONE], folder(tmp_path, "one-1.0.tar.gz")).count("--hash") == 1


@pytest.mark.parametrize(("names", "lacks"), [(BOTH[:1], "aarch64"), (BOTH[1:], "x86_64"), ((), "x86_64")])
def test_a_processor_without_a_wheel_is_named(tmp_path: Path, names: tuple[str, ...], lacks: str) -> None:
    with pytest.raises(WheelError, match=f"one==1.0 has no wheel for {lacks}"):
        listed([ONE], folder(tmp_path, *names))


def test_what_was_fetched_once_is_not_fetched_again(tmp_path: Path) -> None:
    lock = PROJECT / "dbt" / "requirements.lock"
    key = hashlib.sha256(lock.read_bytes() + TOOLS.read_bytes()).hexdigest()[:16]
    (tmp_path / key).mkdir()
    assert fetch(lock, tmp_path) == tmp_path / key


def test_a_lock_gives_each_python_its_own_version() -> None:
    text = (PROJECT / "dbt" / "requirements.lock").read_text()
    for python, version in (("3.11", "3.6.1"), ("3.12", "3.7")):
        found = {one.name: one.version for one in read_lock(text, python)}
        assert found["networkx"] == version
        assert found["dbt-core"] == "1.7.20"


def stand_in(tmp_path: Path, *files: str) -> list[str]:
    """A pip that builds a wheel for one platform, and a `wheel` that renames it; the tests' environment has neither."""
    for name, body in {
        "pip": "w = a[a.index('-w') + 1]; z = zipfile.ZipFile(f'{w}/one-1.0-cp312-cp312-linux_x86_64.whl', 'w')\n"
        f"for f in {files!r}: z.writestr(f, '')\nz.close()",
        "wheel": "p = pathlib.Path(a[-1]); p.rename(p.with_name('one-1.0-py3-none-any.whl'))",
    }.items():
        (tmp_path / f"{name}.py").write_text(f"import os, pathlib, sys, zipfile\na = sys.argv\n{body}\n")
    return [sys.executable, "-m", "pip"]


def test_plain_python_fits_everywhere_whatever_its_setup_claims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    build(tmp_path / "one-1.0.tar.gz", wheels, stand_in(tmp_path, "one.py"))
    assert [file.name for file in wheels.iterdir()] == ["one-1.0-py3-none-any.whl"]
    assert {"SOURCE_DATE_EPOCH", "PYTHONHASHSEED"} <= PLAIN.keys(), "else each build has other bytes"


def test_compiled_code_that_would_fit_one_processor_only_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(WheelError, match="one has no wheel on PyPI and holds compiled code; pin another version"):
        build(tmp_path / "one-1.0.tar.gz", tmp_path / "wheels", stand_in(tmp_path, "one.so"))
