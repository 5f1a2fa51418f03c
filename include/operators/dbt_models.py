"""One dbt command builds all models; the task of each model waits for it, or builds the model by itself.

To start Airflow and dbt for each of about fifty models costs far more than all their queries. So `BuildModelsOperator`
runs one `dbt build`, and names in an XCom each model that is built and has passed its tests. `ModelOperator` waits for
that in the triggerer (plugins/model_built.py), without a process of its own, and then succeeds. Whatever else happens,
the model's task builds the model in a worker: it alone says what is wrong, has retries and sends mails, and it is what
runs when the model is cleared.

Imported only while a DAG with dbt tasks is built.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException, AirflowTaskTimeout
from airflow.triggers.base import StartTriggerArgs
from cosmos.operators.local import DbtBuildLocalOperator  # noqa: TID253

from include.operators.dbt_report import report_passed
from include.operators.side_effects import only_warns

# As plugins/model_built.py names the XCom.
BUILT = "built"
# dbt's exit code when some nodes failed or were skipped and all others were built.
SOME_FAILED = 1


class ModelOperator(DbtBuildLocalOperator):  # type: ignore[misc]
    """Build and test one model, unless another task does it for this try.

    Args:
        producer: id of that task.
        model: name of the model.
        options: see Cosmos's operator.
    """

    def __init__(self, *, producer: str, model: str, **options: Any) -> None:
        super().__init__(**options)
        # Airflow from 3.3 on begins such a task in the triggerer.
        self.start_from_trigger = True
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="model_built.ModelBuilt",
            trigger_kwargs={"producer": producer, "model": model},
            next_method="build",
        )

    def execute(self, context: Any, **kwargs: Any) -> None:
        """Wait; Airflow before 3.3 begins every task in a worker.

        Raises:
            TaskDeferred: always.
        """
        from model_built import ModelBuilt

        self.defer(trigger=ModelBuilt(**(self.start_trigger_args.trigger_kwargs or {})), method_name="build")

    def build(self, context: Any, event: str) -> None:
        """Build and test the model here.

        Args:
            context: Airflow's.
            event: why nobody else does.
        """
        self.log.info("%s; so it is built here", event)
        super().execute(context)


class BuildModelsOperator(DbtBuildLocalOperator):  # type: ignore[misc]
    """Build and test many models by one command, and tell in an XCom which of them are built and tested so far.

    Nothing here is a failure of the day, and nobody gets a mail: what this task does not build, a model that fails or
    all of them, the models' own tasks build again, and say what is wrong. Only a try that is killed is repeated.

    Args:
        manifest: dbt's manifest.
        left_out: tags of tests that the command does not run.
        options: see Cosmos's operator.
    """

    def __init__(self, *, manifest: Path, left_out: tuple[str, ...], **options: Any) -> None:
        super().__init__(**options | {"callback": report_passed, "should_store_compiled_sql": False})
        self.manifest = str(manifest)
        self.left_out = left_out

    def execute(self, context: Any, **kwargs: Any) -> None:
        """Build the models.

        Raises:
            AirflowSkipException: dbt ended before its first node, was killed, or took too long.
        """
        from include.dbt.built import Progress, nodes_of_models

        done: dict[str, Any] = {"began": datetime.now(UTC).isoformat(), "models": {}}
        manifest = json.loads(Path(self.manifest).read_text(encoding="utf-8"))
        progress = Progress(nodes_of_models(manifest, self.left_out))

        def note(line: str, _: Any) -> None:
            level, text, built = progress.note(line)
            if text:
                getattr(self.log, level)("%s", text)
            if built:
                done["models"] |= built
                # Without it, the tasks of these models would only build them again.
                with only_warns(self.log, f"Airflow cannot be told that {', '.join(built)} is built"):
                    context["ti"].xcom_push(key=BUILT, value=done)

        self._process_log_line_callable = note
        try:
            super().execute(context, **kwargs)
        except (Exception, AirflowTaskTimeout) as error:
            self.log.warning("The other models are left to their own tasks: %s", error)
            raise AirflowSkipException("the models' own tasks go on") from error

    def handle_exception_subprocess(self, result: Any) -> None:
        """Leave nodes that failed to their models' own tasks."""
        if result.exit_code == SOME_FAILED:
            self.log.warning("The models that are not built are left to their own tasks, which say what is wrong")
        else:
            super().handle_exception_subprocess(result)
