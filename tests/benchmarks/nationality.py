"""How often guessed nationalities are right, and how long guessing takes: `python -m tests.benchmarks.nationality`.

Without options the synthetic tenants are loaded into a private server and `enrich` runs, without a language model and
then with the stand-in for one; its answers are compared with who the tenants are. This shows that the rungs work
together and how long they take, not how good they are: synthetic names come from short lists, and the stand-in knows
them.

`--public` measures the classifier on the names of public persons, which it has not learned from, beside two guessers
that anything must beat. `--picture` draws how confidence and share of right answers agree.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.enrichment import store
from include.enrichment.candidates import Tenant, candidates, read_tenants
from include.enrichment.ladder import enrich
from include.enrichment.language_model import LanguageModel
from include.enrichment.records import THRESHOLD, Prediction
from include.enrichment.records import Source as Rung
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.schema import BRONZE, create_schema, ensure_platform_tables
from infra.local import pictures
from infra.local.database import Database, DatabaseError, free_port
from infra.local.vendor import SCALES, Scale
from infra.local.vendor.generator import DEFAULT_SEED, Source
from infra.local.vendor.people import truth
from infra.local.vendor.schema import tables
from infra.local.vendor.simulation import Simulation
from tests.benchmarks.measure import BenchmarkError
from tests.benchmarks.source import DATE
from tests.include.enrichment.public_names import (
    Guess,
    MostFrequent,
    ScriptsOnly,
    calibration_error,
    cross_validated,
    platform,
    read,
    share_right,
    sure,
    tenths,
)

RUNGS = (Rung.NOT_A_PERSON, Rung.SAME_PERSON, Rung.NAME_MODEL, Rung.LLM)
READ = ("m_nationalities", "tenants")
COMPANY = "その他"
"""What the ladder says of a company, whose true nationality is None."""
MODEL = "jp.anthropic.claude-haiku-4-5-20251001-v1:0"
# Seconds that `enrich` may take, without and with the stand-in for a language model.
LIMITS = {"without a language model": 30.0, "with the stand-in": 60.0}
BAR = 40
MARGIN, SIDE = 56, 320
"""Of the picture, in pixels: room for labels, and the square."""


# --- the synthetic source --------------------------------------------------------------------------------------------


def synthetic(server: Database, scale: Scale) -> Iterator[str]:
    """Yield the answers of each rung on the synthetic source beside the truth, and the seconds of `enrich`.

    Args:
        server: it runs, and is nobody else's.
        scale: size of the synthetic source.

    Raises:
        BenchmarkError: `enrich` took too long.
    """
    _load(server, scale)
    settings = replace(Settings.from_environment(), nationality_model=MODEL)
    late = []
    for title, model in (("without a language model", None), ("with the stand-in", _stand_in(settings))):
        began, busy = time.monotonic(), time.process_time()
        outcome = enrich(server.admin, settings, DATE, datetime.now(UTC), model, lambda line: None)
        seconds = time.monotonic() - began
        busy = time.process_time() - busy
        yield f"enrich {title}: {seconds:.1f} s, {busy:.1f} s of its processor; limit {LIMITS[title]:.0f} s"
        yield from _rungs(server.admin)
        yield from (f"  warning: {sentence}" for _, sentence in outcome.warnings)
        if seconds > LIMITS[title]:
            late.append(f"enrich {title} took {seconds:.1f} s")
    if late:
        raise BenchmarkError("; ".join(late))


def _rungs(login: Endpoint) -> Iterator[str]:
    with contextlib.closing(login.connect()) as connection:
        asked = candidates(read_tenants(connection))
        answers = {(each.name_hash, each.source): each for each in store.predictions(connection)}
    by_rung: dict[Rung | None, list[Guess]] = defaultdict(list)
    for tenant in asked:
        answer = next(filter(None, (_answer(tenant, source, answers) for source in RUNGS)), None)
        nationality, confidence = (answer.nationality, answer.confidence) if answer else (None, 0.0)
        guess = Guess(truth(tenant.tenant_id) or COMPANY, nationality, float(confidence))
        by_rung[answer.source if answer else None].append(guess)
    yield f"  {len(asked):,} candidates"
    for source in RUNGS:
        said = by_rung[source]
        mean = sum(guess.confidence for guess in said) / len(said) if said else 0.0
        yield (
            f"  {source:14} {len(said):5,} answers, {len(said) / len(asked):6.1%} of all; "
            f"{share_right(said):6.1%} right, confidence {mean:.3f}, calibration error {calibration_error(said):.3f}"
        )
    yield f"  {'no answer':14} {len(by_rung[None]):5,}"


def _answer(tenant: Tenant, source: Rung, answers: dict[tuple[str, Rung], Prediction]) -> Prediction | None:
    found = answers.get((tenant.key(source) or "", source))
    return found if found and found.nationality and found.confidence >= THRESHOLD else None


def _load(server: Database, scale: Scale) -> None:
    """Fill the two tables that `enrich` reads, as the dump of `DATE` would."""
    simulation = Simulation(scale, DEFAULT_SEED)
    simulation.run(DATE.toordinal())
    source = Source(simulation)
    with contextlib.closing(server.admin.connect()) as connection:
        ensure_platform_tables(connection)
        create_schema(connection, BRONZE.live)
        with connection.cursor() as cursor:
            cursor.execute(f"USE {BRONZE.live}")
            cursor.execute("SET sql_mode = ''")  # for the zero dates
            for name in READ:
                cursor.execute(tables()[name].ddl)
                for statement in source.statements(tables()[name], 0, source.count(name)).splitlines():
                    cursor.execute(statement)
        connection.commit()


class _Client:
    """A client of Bedrock, as far as the platform calls it, that the stand-in answers without a network."""

    def __init__(self) -> None:
        from infra.local.aws.bedrock import Model

        self._model = Model()

    def converse(self, **request: Any) -> Any:
        """Answer a request."""
        return self._model.converse(request)

    def get_model_invocation_logging_configuration(self) -> dict[str, Any]:
        """Say that prompts are not logged."""
        return {}


def _stand_in(settings: Settings) -> LanguageModel | None:
    from include.enrichment.bedrock import language_model

    client = _Client()
    return language_model(settings, lambda service, **config: client)


# --- public names ----------------------------------------------------------------------------------------------------


def public(guesses: Sequence[Guess]) -> Iterator[str]:
    """Yield what the classifier knows of public names: accuracy, cover, recall by nationality, reliability.

    Args:
        guesses: of the classifier, on names that it has not learned from.
    """
    names = read()
    yield f"{len(names):,} public names, 7 folds"
    yield _line("name_model", guesses)
    yield _line("scripts only", cross_validated(ScriptsOnly, names))
    yield _line("most frequent", cross_validated(MostFrequent, names))
    yield f"calibration error of name_model: {calibration_error(guesses):.3f}"
    yield ""
    yield "nationality          names  recall"
    by_nationality: dict[str, list[Guess]] = defaultdict(list)
    for guess in guesses:
        by_nationality[guess.truth].append(guess)
    for nationality, said in sorted(by_nationality.items(), key=lambda item: -share_right(item[1])):
        # an ideograph is as wide as two letters
        yield f"{nationality}{' ' * (20 - 2 * len(nationality))} {len(said):5}  {share_right(said):6.1%}"
    yield ""
    yield "confidence  answers  right"
    for tenth, said in tenths(guesses).items():
        mean = sum(guess.confidence for guess in said) / len(said) if said else 0.0
        bar = list(f"{'#' * round(BAR * share_right(said)):{BAR + 1}}")
        bar[round(BAR * mean)] = "|"
        yield f"{tenth / 10:.1f}         {len(said):7,}  {share_right(said):6.1%}  {''.join(bar)}"
    yield "# share of right answers, | mean confidence"


def _line(name: str, guesses: Sequence[Guess]) -> str:
    parts = (
        f"; at {least}: {len(sure(guesses, least)) / len(guesses):6.1%} answered, "
        f"{share_right(sure(guesses, least)):6.1%} of them right"
        for least in (0.8, 0.9)
    )
    return f"{name:14} {share_right(guesses):6.1%} right{''.join(parts)}"


def picture(guesses: Sequence[Guess]) -> str:
    """Return the reliability diagram as SVG: confidence to the right, share of right answers upwards."""
    points = [
        {
            "x": round(MARGIN + SIDE * sum(guess.confidence for guess in said) / len(said), 1),
            "y": round(MARGIN + SIDE * (1 - share_right(said)), 1),
            "text": f"{len(said):,}",
        }
        for said in tenths(guesses).values()
        if said
    ]
    folders = [Path(__file__).parent, Path(pictures.__file__).parent]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    values = {"margin": MARGIN, "side": SIDE, "points": points, "error": f"{calibration_error(guesses):.3f}"}
    return environment.get_template("reliability.svg.j2").render(values, names=f"{len(guesses):,}")


# --- command line ----------------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; a failure ends as one sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    try:
        if options.public or options.picture:
            guesses = cross_validated(platform, read())
            for line in public(guesses):
                print(line)
            if options.picture:
                options.picture.write_text(picture(guesses), encoding="utf-8")
            return 0
        with tempfile.TemporaryDirectory() as folder:
            server = Database(Path(folder) / "mysql", free_port())
            server.start()
            try:
                for line in synthetic(server, SCALES[options.scale]):
                    print(line, flush=True)
            finally:
                server.stop()
    except (BenchmarkError, DatabaseError, OSError) as error:
        print(f"nationality: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.nationality",
        description="Measure how often guessed nationalities are right, and how long guessing takes.",
    )
    parser.add_argument("--scale", choices=SCALES, default="small", help="of the synthetic source (default: small)")
    parser.add_argument("--public", action="store_true", help="measure on the names of public persons instead")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="as --public, and draw a reliability diagram")
    return parser


if __name__ == "__main__":
    sys.exit(main())
