"""Both bundles as each of MWAA's components has them: its image, what it is given of the bundle, and no internet.

The image is made of the packages that its build resolves to. A web server has plugins.zip and requirements.txt, the
scheduler with DAG processor and triggerer `dags/` as well, and a worker runs startup.sh besides (test_startup.py).
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from infra.bundle import PROJECT, build
from infra.bundle.mwaa import UNPACKED, shipped_lock, supported
from infra.bundle.wheels import PROCESSORS, fetch
from tests.infra.bundle.closure import Closure, in_environment, in_folder

pytestmark = [
    pytest.mark.infra,
    pytest.mark.full,
    pytest.mark.skipif(sys.version_info[:2] != (3, 12), reason="the wheels are for Python 3.12, as MWAA has it"),
]

TOOLS = PROJECT / ".venv-uv" / "bin"
DBT = PROJECT / ".venv-dbt" / "bin" / "dbt"
# Compiled with headers that few machines have; nothing of ours imports them.
NOT_HERE = ("psycopg2==", "pycurl==")
# Whatever asks for more than this machine fails at once.
OFFLINE = {
    "PATH": "/usr/bin:/bin",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1",
    "PIP_CONFIG_FILE": "/dev/null",
}


@dataclass(frozen=True)
class Mwaa:
    """What a component is made of.

    Attributes:
        airflow: version.
        bundle: as built.
        plugins: plugins.zip, unpacked.
        image: environment of the image, with requirements.txt not yet installed.
        requirements: requirements.txt, which names `plugins` for where MWAA unpacks them.
    """

    airflow: str
    bundle: Path
    plugins: Path
    image: Path
    requirements: Path

    @property
    def python(self) -> str:
        return str(self.image / "bin" / "python")

    def closure(self, processor: str) -> Closure:
        wheels = in_folder(self.plugins / "wheels", processor)
        return Closure(self.requirements.read_text(), wheels, in_environment(self.image), processor)

    def install(self) -> None:
        """Do what MWAA does at each start, offline."""
        pip: list[str | Path] = [TOOLS / "python", "-m", "pip", "--isolated", "--python", self.python, "install"]
        run([*pip, "--quiet", "--disable-pip-version-check", "--no-cache-dir", "-r", self.requirements])

    def imports(self, home: Path, program: str, *path: Path, **variables: str) -> str:
        """Return the last line of what a program prints that has only the image and `path` to import from."""
        airflow = {"HOME": str(home), "AIRFLOW_HOME": str(home / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
        folders = [str(each) for each in path]
        return run([self.python, "-I", "-c", program, *folders], **airflow, **variables).splitlines()[-1]


def run(command: list[str | Path], **variables: str) -> str:
    done = subprocess.run(command, env=OFFLINE | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


@pytest.fixture(scope="module", params=supported(PROJECT))
def mwaa(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mwaa:
    airflow, root = request.param, tmp_path_factory.mktemp(f"mwaa-{request.param}")
    packages = fetch(shipped_lock(PROJECT, airflow), PROJECT / "build" / "wheels")
    build(root / "bundle", DBT, airflow=airflow, packages=packages)
    with zipfile.ZipFile(root / "bundle" / "plugins.zip") as archive:
        archive.extractall(root / "plugins")
    requirements = (root / "bundle" / "requirements.txt").read_text()
    (root / "requirements.txt").write_text(requirements.replace(UNPACKED, str(root / "plugins")))
    image = (PROJECT / "infra" / "locks" / f"mwaa-image-{airflow}.txt").read_text().splitlines(keepends=True)
    (root / "image.txt").write_text("".join(line for line in image if not line.startswith(NOT_HERE)))
    uv: list[str | Path] = [TOOLS / "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, root / "image"], check=True)
    into: list[str | Path] = ["--python", root / "image" / "bin" / "python", "--no-deps"]
    subprocess.run([*uv, "pip", "install", *into, "-r", root / "image.txt"], check=True)
    return Mwaa(airflow, root / "bundle", root / "plugins", root / "image", root / "requirements.txt")


@pytest.fixture(scope="module")
def installed(mwaa: Mwaa) -> Mwaa:
    mwaa.install()
    return mwaa


@pytest.mark.parametrize("processor", PROCESSORS)
def test_nothing_is_missing_for_either_processor(mwaa: Mwaa, processor: str) -> None:
    closure = mwaa.closure(processor)
    assert closure.missing() == []
    assert {"apache-airflow-providers-mysql", "astronomer-cosmos", "s3fs"} <= closure.shipped.keys()


@pytest.mark.parametrize("processor", PROCESSORS)
def test_a_package_that_is_missing_is_named(mwaa: Mwaa, processor: str) -> None:
    closure = mwaa.closure(processor)
    del closure.shipped["s3fs"]
    (missing,) = closure.missing()
    assert missing.startswith("s3fs>=")


def test_the_image_keeps_its_own_versions(installed: Mwaa) -> None:
    listed = run([TOOLS / "uv", "pip", "freeze", "--python", installed.python])
    wanted = installed.image.with_suffix(".txt").read_text().splitlines()
    assert set(wanted) <= set(listed.splitlines())


WEB_SERVER = """
import sys
from airflow import plugins_manager, settings
from airflow.api_fastapi.app import create_app, create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.models.revoked_token import RevokedToken
from fastapi.testclient import TestClient
create_auth_manager()
client = TestClient(create_app("core"), headers={"accept": "application/json"})
names = {plugin.name for plugin in plugins_manager._get_plugins()[0]}
assert {"cosmos", "gghouse_operations", "gghouse_tokyo_time"} <= names, names
assert not plugins_manager._get_plugins()[1], plugins_manager._get_plugins()[1]
pages = ["/gghouse/", "/gghouse/runbooks/", "/gghouse/runbooks/late", "/gghouse/docs/", "/gghouse/docs/manifest.json"]
assert [client.get(page).status_code for page in pages] == [401] * len(pages)
assert client.get("/cosmos/openapi.json").status_code == 404
assert "include" not in sys.modules
RevokedToken.__table__.create(settings.engine, checkfirst=True)
token = create_auth_manager().generate_jwt(SimpleAuthManagerUser(username="viewer", role="viewer"))
client.cookies.set("_token", token)
for page in pages:
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code, answer.text)
import include
assert not [name for name in sys.modules if name.startswith("include.") and name.endswith(("operators", "warehouse"))]
print(include.__file__)
"""


@pytest.fixture
def aws() -> Iterator[str]:
    """The bucket as a day leaves it; gives the address of the stand-in."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        s3 = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
    s3.create_bucket(Bucket="bucket")
    page = b'<html><head></head>manifest:"MANIFEST.JSON INLINE DATA"</html>'
    for key, body in {"status/index.html": page, "docs/index.html": page, "docs/catalog.json": b"{}"}.items():
        s3.put_object(Bucket="bucket", Key=key, Body=body)
    s3.put_object(Bucket="bucket", Key="docs/manifest.json", Body=json.dumps({"nodes": {}}).encode())
    yield url
    server.stop()


def test_a_web_server_shows_all_pages_from_plugins_zip_alone(installed: Mwaa, aws: str, tmp_path: Path) -> None:
    variables = {
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(installed.plugins),
        "AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path / "no-dags"),
        "AIRFLOW__GGHOUSE__BUCKET": "bucket",
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64,
        "AWS_ENDPOINT_URL": aws,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    found = installed.imports(tmp_path, WEB_SERVER, installed.plugins, **variables)
    assert found == str(installed.plugins / "pages" / "include" / "__init__.py")


DAG_PROCESSOR = """
import sys
sys.path += sys.argv[1:]
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[2])
assert not bag.import_errors, bag.import_errors
import include
assert include.__file__.startswith(sys.argv[2]), f"the plugins' copy is in the way: {include.__file__}"
print(*sorted(bag.dags))
"""


def test_the_dag_processor_reads_every_dag(installed: Mwaa, tmp_path: Path) -> None:
    """MWAA's order of the path: plugins come before the DAGs."""
    names = sorted(file.stem for file in (PROJECT / "dags").glob("*.py"))
    found = installed.imports(tmp_path, DAG_PROCESSOR, installed.plugins, installed.bundle / "dags")
    assert found == " ".join(names)


TRIGGERER = """
import sys
sys.path.append(sys.argv[1])
from airflow.configuration import conf
import late_notice
report_late, slack_webhook = late_notice._platform()
print(sys.modules[report_late.__module__].__file__)
"""


def test_the_triggerer_finds_the_platform(installed: Mwaa, tmp_path: Path) -> None:
    dags = installed.bundle / "dags"
    found = installed.imports(tmp_path, TRIGGERER, installed.plugins, dags, AIRFLOW__CORE__DAGS_FOLDER=str(dags))
    assert found == str(dags / "include" / "alerts" / "late.py")


WORKER = """
import importlib, pkgutil, sys
from pathlib import Path
sys.path += sys.argv[1:]
import include
for module in pkgutil.walk_packages(include.__path__, "include."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
from include.preflight import checks
print(checks.packages(Path(sys.argv[2]) / "requirements.txt", checks.installed_here))
"""


def test_a_worker_imports_everything_and_preflight_agrees(installed: Mwaa, tmp_path: Path) -> None:
    found = installed.imports(tmp_path, WORKER, installed.plugins, installed.bundle / "dags")
    assert found.startswith(f"Airflow {installed.airflow}, apache-airflow-providers-amazon ")
    assert "export AIRFLOW__GGHOUSE__DBT_EXECUTABLE=" in (installed.bundle / "startup.sh").read_text()
