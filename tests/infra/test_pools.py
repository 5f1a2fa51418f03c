"""Pools through MWAA's REST API. Moto has no MWAA: the client is made up, but judges bodies as Airflow itself does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from airflow.api_fastapi.core_api.datamodels.pools import PoolBody, PoolPatchBody
from airflow.api_fastapi.core_api.services.public.pools import update_orm_from_pydantic
from airflow.models.pool import Pool
from botocore.exceptions import ClientError

from include.operators.policy import POOLS
from infra.pools import ensure_pools, main, wanted_pools


class Mwaa:
    """Airflow's pools behind `invoke_rest_api`."""

    def __init__(self, **slots: int) -> None:
        self.slots = {"default_pool": 128, **slots}
        self.changes: list[str] = []

    def invoke_rest_api(self, *, Name: str, Method: str, Path: str, **call: Any) -> dict[str, Any]:
        if Name != "gghouse-prod":
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no such"}}, "InvokeRestApi")
        if Method != "GET":
            self.changes.append(f"{Method} {Path}")
            changed = self.made(call["Body"]) if Method == "POST" else self.patched(Path, **call)
            self.slots[changed.pool] = changed.slots
        pools = [{"name": name, "slots": number} for name, number in self.slots.items()]
        return {"RestApiStatusCode": 200, "RestApiResponse": {"pools": pools}}

    def made(self, body: dict[str, Any]) -> Any:
        return PoolBody.model_validate(body)

    def patched(self, path: str, **call: Any) -> Any:
        name = path.removeprefix("/pools/")
        there = Pool(pool=name, slots=self.slots[name], description="", include_deferred=True)
        mask = [call["QueryParameters"]["update_mask"]]
        session: Any = SimpleNamespace(scalar=lambda _query: there)
        changed = update_orm_from_pydantic(name, PoolPatchBody.model_validate(call["Body"]), mask, session)
        assert changed.include_deferred is True, "only the slots are ours"
        return changed


def test_the_pools_are_those_that_the_dags_name() -> None:
    assert {pool.name: pool.slots for pool in wanted_pools()} == POOLS


def test_what_is_missing_is_made_and_what_differs_is_put_right_once() -> None:
    mwaa = Mwaa(dbt=9, of_somebody_else=3)
    said = ["make pool warehouse with 1 slot", "give pool dbt 2 instead of 9 slots"]
    assert ensure_pools(mwaa, "gghouse-prod", wanted_pools(), apply=False) == said
    assert mwaa.changes == [], "saying is not doing"
    assert ensure_pools(mwaa, "gghouse-prod", wanted_pools(), apply=True) == said
    assert mwaa.changes == ["POST /pools", "PATCH /pools/dbt"]
    assert mwaa.slots == {"default_pool": 128, "dbt": 2, "of_somebody_else": 3, "warehouse": 1}
    assert ensure_pools(mwaa, "gghouse-prod", wanted_pools(), apply=True) == []


@pytest.fixture
def mwaa(monkeypatch: pytest.MonkeyPatch) -> Mwaa:
    mwaa = Mwaa()
    monkeypatch.setattr(boto3, "client", lambda _service: mwaa)
    return mwaa


def test_the_command_says_before_it_does(mwaa: Mwaa, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gghouse-prod"]) == 0
    assert capsys.readouterr().out.endswith("Nothing was changed; --yes does it\n")
    assert not mwaa.changes
    assert main(["gghouse-prod", "--yes"]) == 0
    assert main(["gghouse-prod"]) == 0
    assert capsys.readouterr().out.endswith("the pools are as wanted\n")


def test_a_refusal_is_one_sentence(mwaa: Mwaa, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["elsewhere"]) == 1
    assert capsys.readouterr().err.startswith("The pools of elsewhere cannot be made: An error occurred")
