"""One dbt process for many runs, because starting dbt costs seconds. Started by project.py with dbt's own interpreter.

Reads one JSON list of dbt arguments a line from standard input and answers each with one JSON object a line:
whether it succeeded, and the status and message of every node. Which SQL dbt makes of a model, and in which order it
runs, stays dbt's own; left out is what it does again for every run, though the project is the same.
"""

import gc
import json
import os
import sys

from dbt import dataclass_schema

dataclass_schema.dbtMashConfig.lazy_compilation = True  # as dbt/start.py explains

from dbt.adapters.base import BaseAdapter  # noqa: E402 - imported last, because the import reads the setting
from dbt.cli.main import dbtRunner  # noqa: E402
from dbt.compilation import Compiler  # noqa: E402
from dbt.events.base_types import BaseEvent, EventLevel  # noqa: E402
from dbt.events.eventmgr import EventManager  # noqa: E402
from dbt.graph.selector import NodeSelector  # noqa: E402

# As the Makefile parses the project, so that what it left in the target folder is taken.
PARSE = ("parse", "--profile", "tokyobeta", "--target", "aurora")
LOGIN = ("DBT_HOST", "DBT_PORT", "DBT_USER")
SHOWN = (EventLevel.WARN, EventLevel.ERROR)


def parse():
    """Return the parsed project.

    The login is hidden meanwhile: dbt parses everything anew when a variable that the profile names has changed.
    """
    login = {name: os.environ.pop(name) for name in LOGIN}
    parsed = dbtRunner().invoke(["--no-use-colors", "--quiet", *PARSE])
    if not parsed.success:
        raise SystemExit(f"dbt parse failed: {parsed.exception}")
    os.environ.update(login)
    return parsed.result


def keep(project):
    """Let every run use what is known of the project, instead of working it out again."""
    # dbt would read its own macros anew for every run, which is most of the time that a small run takes
    BaseAdapter._macro_manifest = property(lambda _: project)
    # as long again take the graph of all nodes, its search for cycles and its picture on disk
    compiled, graphs = Compiler.compile, {}

    def compile_once(compiler, manifest, write=True, add_test_edges=False):
        if add_test_edges not in graphs:
            graphs[add_test_edges] = compiled(compiler, manifest, write, add_test_edges)
        return graphs[add_test_edges]

    Compiler.compile = compile_once
    # and half of a run of one model goes into asking of each node whether `path:models/bronze` means it
    select, selected = NodeSelector.select_included, {}

    def select_once(selector, included_nodes, spec):
        asked = (spec.method, *spec.method_arguments, spec.value, frozenset(included_nodes))
        if asked not in selected:
            selected[asked] = frozenset(select(selector, included_nodes, spec))
        return set(selected[asked])

    NodeSelector.select_included = select_once


def drop_unshown_events():
    """Make no message of an event that nobody is shown: dbt makes two of each of hundreds, and then filters them."""
    make, fire = BaseEvent.__init__, EventManager.fire_event

    def remember(event, *args, **kwargs):
        event.__dict__["given"] = args, kwargs

    def read(event, name):
        if name == "pb_msg":
            args, kwargs = event.__dict__["given"]
            make(event, *args, **kwargs)
            return event.__dict__[name]
        return getattr(event.pb_msg, name)

    def write(event, name, value):
        if name == "pb_msg":
            event.__dict__[name] = value
        else:
            setattr(event.pb_msg, name, value)

    def fire_shown(manager, event, level=None):
        if (level or event.level_tag()) in SHOWN:
            fire(manager, event, level)

    BaseEvent.__init__, BaseEvent.__getattr__, BaseEvent.__setattr__ = remember, read, write
    EventManager.fire_event = fire_shown


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # dbt prints; only answers may use the pipe
    gc.set_threshold(100_000, 50, 100)
    drop_unshown_events()
    project = parse()
    keep(project)
    gc.freeze()  # the project stays; looking through it again and again takes a tenth of each run
    dbt = dbtRunner(manifest=project)
    for line in sys.stdin:
        outcome = dbt.invoke(["--no-use-colors", "--quiet", "--no-partial-parse", *json.loads(line)])
        nodes = {node.node.name: [str(node.status), node.message] for node in outcome.result or []}
        failure = str(outcome.exception) if outcome.exception else None
        print(json.dumps({"success": outcome.success, "exception": failure, "nodes": nodes}), file=answers)


if __name__ == "__main__":
    main()
