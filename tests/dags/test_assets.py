"""Airflow's asset graph leads from the dump to each data set."""

from __future__ import annotations

import json

from tests.dags.airflow_home import PROJECT, AirflowHome

GRAPH = """
import json, sys

from airflow.api_fastapi.core_api.services.ui.dependencies import get_data_dependencies
from airflow.dag_processing.collection import update_dag_parsing_results_in_db
from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetActive, AssetModel
from airflow.models.dagbundle import DagBundleModel
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.session import create_session

bag = DagBag(sys.argv[1])
assert not bag.import_errors, bag.import_errors
with create_session() as session:
    session.merge(DagBundleModel(name="bundle"))
with create_session() as session:
    parsed = [LazyDeserializedDAG.from_dag(dag) for dag in bag.dags.values()]
    update_dag_parsing_results_in_db("bundle", None, parsed, {}, None, set(), session=session)
with create_session() as session:
    ids = {asset.name: asset.id for asset in session.query(AssetModel)}
    graphs = {name: get_data_dependencies(id, session) for name, id in ids.items()}
    active = sorted(asset.name for asset in session.query(AssetActive))
print(json.dumps({"graphs": graphs, "active": active}))
"""
CHAIN = {
    "gghouse_daily.wait_for_dump": "s3://bucket/dumps",
    "s3://bucket/dumps": "gghouse_daily.load_staging",
    "gghouse_daily.load_staging": "staging",
    "staging": "gghouse_daily.publish_gold",
    "gghouse_daily.publish_gold": "gold",
    "gold": "gghouse_daily.refresh_quicksight",
}
DATA_SETS = ("quicksight:occupancy", "quicksight:new_contracts")


def test_the_asset_graph_leads_from_the_dump_to_each_data_set(airflow: AirflowHome) -> None:
    settings = {"BUCKET": "bucket", "QUICKSIGHT_DATASETS": "occupancy,new_contracts"}
    options = {f"AIRFLOW__GGHOUSE__{name}": value for name, value in settings.items()}
    printed = airflow.python("-c", GRAPH, str(PROJECT / "dags" / "gghouse_daily.py"), **options)
    found = json.loads(printed.splitlines()[-1])
    assets = {"s3://bucket/dumps", "staging", "gold", *DATA_SETS}
    assert set(found["active"]) == assets, "Airflow fails a task with an asset that is not active"
    assert found["graphs"].keys() == assets
    for asset, graph in found["graphs"].items():
        label = {node["id"]: node["label"] for node in graph["nodes"]}
        edges = {(label[edge["source_id"]], label[edge["target_id"]]) for edge in graph["edges"]}
        shown = {asset} & set(DATA_SETS) or DATA_SETS
        ends = {("gghouse_daily.refresh_quicksight", data_set) for data_set in shown}
        assert edges == set(CHAIN.items()) | ends, f"the whole chain; the graph of {asset} lacks a part"
