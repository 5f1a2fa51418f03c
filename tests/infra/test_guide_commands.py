"""Every command of the guide, and of the page about moving, is one that the programs know.

AWS's by AWS's own models, ours by their own parsers. What a command does on AWS is proven elsewhere, or only there: the
guide's last table.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.session import get_session

PROJECT = Path(__file__).resolve().parents[2]
PAGES = (PROJECT / "infra" / "README.md", PROJECT / "infra" / "migration" / "README.md")
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
PROGRAMS = ("aws", "terraform", "make", "python3.11", "python3", ".venv/bin/python")
# Commands of the AWS CLI that are no operation of a service, and options that it takes itself.
ONLY_IN_THE_CLI = {("s3", "cp"), ("s3", "sync"), ("s3", "rm")}
OPTIONS_OF_THE_CLI = {"query", "output", "region"}
# `python -m infra check apply` and the tests of tests/infra/deploy run these; import and migrate-state only a person.
TERRAFORM = {"init", "apply", "plan", "output", "import", "destroy"}


def commands() -> Iterator[list[str]]:
    """Yield the words of each command in the guide's blocks and spans."""
    blocks = re.findall(r"```\n(.*?)```", TEXT, re.DOTALL)
    spans = re.findall(r"(?<!`)`([^`]+)`(?!`)", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))
    for text in (*blocks, *spans):
        whole = re.sub(r"\\\|", "|", re.sub(r"\\\n\s*", " ", text)) if text in blocks else " ".join(text.split())
        for line in whole.splitlines():
            yield from _of_line(line)


def _of_line(line: str) -> Iterator[list[str]]:
    line = re.sub(r"\s#\s.*$|<<.*$", "", line)
    starts = [
        found.start() for found in re.finditer(rf"(?<![\w/.-])({'|'.join(map(re.escape, PROGRAMS))}) (?!.*=$)", line)
    ]
    for start in starts:
        text = re.split(r"\s\|\s|\s&&\s|;|\)\s*$|\)\"?(?=\s|$)", line[start:])[0]
        try:
            words = shlex.split(text)
        except ValueError:
            words = text.split()
        yield words


def of(*programs: str) -> list[list[str]]:
    found = [words for words in commands() if words[0] in programs and is_a_command(words)]
    assert found, f"the guide has no command of {programs}"
    return found


def is_a_command(words: list[str]) -> bool:
    """Not the name of a package, of a block of HCL, or of a service whose operation a pipe brings."""
    if words[0] == "terraform":
        return len(words) > 1 and words[1] != "{"
    return len(words) > 2 if words[0] == "aws" else words[0] == "make" or "-m" in words


@pytest.mark.parametrize("words", of("aws"), ids=" ".join)
def test_aws_knows_the_operation_and_its_options(words: list[str]) -> None:
    service, name = words[1:3]
    if (service, name) in ONLY_IN_THE_CLI:
        return
    try:
        model = get_session().get_service_model(service if service != "s3api" else "s3")
    except UnknownServiceError:
        pytest.fail(f"there is no service {service}")
    operations = {xform_name(each, "-"): model.operation_model(each) for each in model.operation_names}
    assert name in operations, f"{service} has no {name}"
    shape = operations[name].input_shape
    members = {xform_name(member, "-") for member in (shape.members if shape else ())}
    options = {re.sub(r"^--(no-(?!.*\bnone\b))?", "", word) for word in words if re.match(r"--[a-z]", word)}
    assert options - OPTIONS_OF_THE_CLI <= members
    required = {xform_name(member, "-") for member in (shape.required_members if shape else ())}
    if len(words) > 3:  # a bare name in a sentence is no command line
        assert required <= options


@pytest.mark.parametrize("words", of("terraform"), ids=" ".join)
def test_terraform_is_asked_for_what_is_tried_here(words: list[str]) -> None:
    assert next(word for word in words[1:] if not word.startswith("-")) in TERRAFORM


@pytest.mark.parametrize("words", of("make"), ids=" ".join)
def test_make_knows_the_target_and_its_variables(words: list[str]) -> None:
    makefile = (PROJECT / "Makefile").read_text()
    for word in words[1:]:
        name = re.sub(r"=.*", "", word)
        assert re.search(rf"^{re.escape(name)}:|\$\((or )?{name}[,)]|\$\(if \$\({name}\)|{name} \?=", makefile, re.M), (
            word
        )


@pytest.mark.parametrize("words", of("python3.11", "python3", ".venv/bin/python"), ids=" ".join)
def test_our_own_programs_know_their_options(words: list[str]) -> None:
    module, *rest = words[words.index("-m") + 1 :]
    if module == "pip":
        return
    sub = [word for word in rest if not word.startswith("-")]
    help_text = _help(module, *(sub[:2] if module == "infra" and sub[:1] == ["deploy"] else sub[:1]))
    for option in re.findall(r"--[a-z-]+", " ".join(rest)):
        assert option in help_text, f"{module} has no {option}"


@cache
def _help(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words, "--help"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
