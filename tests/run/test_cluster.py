"""A real Ray cluster of several nodes on this machine, killed in parts and as a whole: the bytes are the local engine's."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import object_server
import pytest
from object_server import BUCKET
from small import small_spec, tree

import facegen
from facegen.errors import MachineError, RequestError
from facegen.run.cluster_session import connected, library
from facegen.run.local import generate
from facegen.run.shard import SUFFIX

if importlib.util.find_spec("ray") is None:
    pytest.skip("needs ray: make cluster-tools", allow_module_level=True)
pytestmark = pytest.mark.slow
library(None)  # before anything else imports ray: this process's own key to its clusters
STUDIO = "cluster_studio:Studio"
OBJECTS = 80 * 2**20
TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def orders_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("orders")


@pytest.fixture(scope="module")
def cluster(orders_folder: Path) -> Iterator[Any]:
    """A head without room for workers; tests add nodes. Its processes find the fake studio, its orders and the object server."""
    pytest.importorskip("s3fs")
    pytest.importorskip("moto")
    from ray.cluster_utils import Cluster

    with object_server.moto() as endpoint, pytest.MonkeyPatch.context() as patch:
        for name, value in object_server.access(endpoint).items():
            patch.setenv(name, value)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), *(p for p in sys.path if p)]))
        patch.setenv("FACEGEN_FAKE", str(orders_folder))
        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": OBJECTS}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        try:
            yield cluster
        finally:
            cluster.shutdown()


@pytest.fixture
def orders(orders_folder: Path) -> Iterator[Path]:
    yield orders_folder
    for order in orders_folder.iterdir():
        order.unlink()


@pytest.fixture(scope="module")
def first(cluster: Any) -> Any:
    return cluster.add_node(num_cpus=1, object_store_memory=OBJECTS)


def run(cluster: Any, out: Path | str, said: list[str] | None = None, **more: Any) -> Any:
    spec = more.pop("spec", small_spec())
    warn = None if said is None else said.append
    return generate(spec, out, engine="ray", address=cluster.address, studio=STUDIO, warn=warn, **more)


def kept(out: Path) -> dict[str, bytes]:
    """What lies in a dataset that is short of pictures, its shards too, but for what is written anew by every run."""
    return {k: v for k, v in tree(out).items() if not k.startswith(".work/tmp/") and k != ".work/nodes"}


def test_a_lost_node_costs_nothing(cluster: Any, first: Any, orders: Path, fake_dataset: Path, tmp_path: Path) -> None:
    second = cluster.add_node(num_cpus=1, object_store_memory=OBJECTS)
    raylets = {node.all_processes["raylet"][0].process.pid: node for node in (first, second)}
    for who in range(3):
        (orders / f"00000{who}_001.order").write_text("hold")  # each block stops before its last picture
    killed: list[Any] = []

    def kill() -> None:
        """Kill the second node when it is in the midst of a block, then let everybody go on."""
        while not killed:
            for at in orders.glob("*.at"):
                if raylets[int(at.read_text().split()[2])] is second:
                    killed.append(at.stem)
                    cluster.remove_node(second, allow_graceful=False)
                    while Path(f"/proc/{at.read_text().split()[1]}").exists():  # its actor outlives it by a moment
                        time.sleep(0.05)
            time.sleep(0.05)
        for who in range(3):
            (orders / f"00000{who}_001.go").touch()

    killer = threading.Thread(target=kill)
    killer.start()
    said: list[str] = []
    done = run(cluster, tmp_path / "set", said, workers=2)
    killer.join()
    assert done.failed == {} and done.made == 6
    block = f"{killed[0][:6]}-000"
    assert [text for text in said if f"worker lost; its block {block} is made again" in text], said
    assert tree(tmp_path / "set") == tree(fake_dataset)


def test_a_killed_driver_goes_on_from_the_store_alone(
    cluster: Any, first: Any, orders: Path, fake_dataset: Path, tmp_path: Path
) -> None:
    (orders / "000001_001.order").write_text("hold")
    out = f"s3://{BUCKET}/driver"
    code = (
        "from facegen.run.local import generate; from small import *; "
        f"generate(small_spec(), {out!r}, engine='ray', address={cluster.address!r}, studio={STUDIO!r})"
    )
    driver = subprocess.Popen([sys.executable, "-c", code])
    for _ in range(1200):
        if (orders / "000001_001.at").exists():  # one block has its shard, the second is half made
            break
        time.sleep(0.05)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    (orders / "000001_001.go").touch()
    state = object_server.objects("driver")
    assert sorted(name for name in state if "/shards/" in name) == [f".work/shards/000000-000{SUFFIX}"]
    assert "images/000001/000001_000.jpg" in state and "manifest.json" not in state
    assert run(cluster, out).made == 4
    assert object_server.objects("driver") == tree(fake_dataset)
    assert run(cluster, out).made == 0


def test_a_sample_that_kills_its_worker_is_treated_as_at_home(
    cluster: Any, first: Any, orders: Path, fake_dataset: Path, tmp_path: Path
) -> None:
    (orders / "000001_000").write_text("kill")
    (orders / "000002_001").write_text("raise")
    said: list[str] = []
    done = run(cluster, tmp_path / "ray", said)
    at_home = generate(small_spec(), tmp_path / "local", workers=1, studio=STUDIO)
    assert done.failed == at_home.failed and done.failed["000001_000"].startswith("worker killed by signal 9 (SIGKILL), ")
    assert kept(tmp_path / "ray") == kept(tmp_path / "local")
    for order in orders.iterdir():
        order.unlink()
    assert run(cluster, tmp_path / "ray").made == 4  # the two blocks that were short of a picture
    assert tree(tmp_path / "ray") == tree(fake_dataset)


def test_a_sample_that_kills_its_actor_is_found_and_left_out(cluster: Any, first: Any, orders: Path, tmp_path: Path) -> None:
    (orders / "000001_001.order").write_text("actor")
    said: list[str] = []
    done = run(cluster, tmp_path / "set", said)
    assert done.failed == {"000001_001": "worker killed, 2 times"} and done.made == 5
    manifest = json.loads((tmp_path / "set/manifest.json").read_text())
    assert manifest["rejections"] == [{"image_id": "000001_001", "reason": "worker killed, 2 times"}]
    assert sum("worker killed; its block 000001-000 is made again" in text for text in said) == 3
    assert "sample 000001_001 left out: worker killed, 2 times" in said
    assert (tmp_path / "set/rejected/000001_001.json").exists()


def test_tars_are_made_as_at_home(cluster: Any, first: Any, tmp_path: Path) -> None:
    spec = small_spec(layout="webdataset")
    generate(spec, tmp_path / "local", workers=1, studio=STUDIO)
    out = f"s3://{BUCKET}/tars"
    assert run(cluster, out, spec=spec).made == 6
    assert object_server.objects("tars") == tree(tmp_path / "local")


def test_the_machine_at_fault_stops_the_run_and_it_goes_on(
    cluster: Any, first: Any, orders: Path, fake_dataset: Path, tmp_path: Path
) -> None:
    (orders / "000001_001").write_text("full")
    with pytest.raises(MachineError, match="^node .*: No space left on device$"):
        run(cluster, tmp_path / "set")
    (orders / "000001_001").unlink()
    assert run(cluster, tmp_path / "set").made == 4
    assert tree(tmp_path / "set") == tree(fake_dataset)


def test_nodes_that_are_not_alike_are_named(
    cluster: Any, first: Any, orders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facegen, "__version__", "9.9")
    with pytest.raises(RequestError, match=r"^node \S+ has facegen \S+, this is 9\.9; install the same version there$"):
        run(cluster, tmp_path / "set")
    assert not (tmp_path / "set").exists()
    monkeypatch.undo()
    other = cluster.add_node(num_cpus=1, object_store_memory=OBJECTS, env_vars={"FACEGEN_NODE": " of another make"})
    for who in range(3):
        (orders / f"00000{who}_000.order").write_text("hold")  # nobody ends before both are there
    with pytest.raises(RequestError, match="has gl_renderer 'fake auto.*', another 'fake auto.*': pictures would differ"):
        run(cluster, tmp_path / "set", workers=2)
    cluster.remove_node(other)


def test_a_directory_of_one_node_alone_is_found_out(tmp_path: Path) -> None:
    from facegen.run.block import Maker

    (tmp_path / ".work").mkdir()
    (tmp_path / ".work/nodes").write_bytes(b"of somebody else")
    maker = Maker(small_spec().model_dump(mode="json"), str(tmp_path), "auto", STUDIO, (300.0, 0, 1 << 30))
    with pytest.raises(RequestError, match="^node .* is not the driver's; --out must be a directory that all nodes share"):
        maker.hello(facegen.__version__, b"token")


@pytest.mark.parametrize(
    ("address", "workers", "gpus", "says"),
    [
        ("ray://head:10001", 1, 0.0, "is not host:port or auto"),
        (None, 0, 0.0, "workers 0 is not"),
        (None, 1, 1.5, "1.5 is not 0"),
    ],
)
def test_wrong_wishes(address: str | None, workers: int, gpus: float, says: str) -> None:
    with pytest.raises(RequestError, match=says), connected(library(address), address, workers, gpus):
        pass


def test_a_cluster_of_this_machine_alone_is_the_default(fake_dataset: Path, tmp_path: Path) -> None:
    """The command line in a process of its own; nothing of Ray's on either stream."""
    spec = tmp_path / "spec.yaml"
    spec.write_text(small_spec().canonical_json())
    arguments = ["generate", str(spec), "--out", str(tmp_path / "set"), "--engine", "ray", "--workers", "1"]
    code = (
        "import sys; from facegen.run import local; "
        f"from functools import partial; local.generate = partial(local.generate, studio='fake_studio:Studio'); "
        f"sys.argv = ['facegen', *{arguments!r}]; from facegen.cli import main; main()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *(p for p in sys.path if p)])}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"{tmp_path / 'set'}: 6 images, 6 made now") and ran.stdout.count("\n") == 1
    assert all(line.startswith(("small: ", "about ")) for line in ran.stderr.splitlines()), ran.stderr
    assert tree(tmp_path / "set") == tree(fake_dataset)


def test_the_real_studio_draws_the_same_pictures_on_two_nodes(cluster: Any, first: Any, tmp_path: Path) -> None:
    second = cluster.add_node(num_cpus=1, object_store_memory=OBJECTS)
    spec = small_spec(identities=2, size=96)
    assert generate(spec, tmp_path / "local", workers=1).made == 4
    said: list[str] = []
    done = generate(spec, tmp_path / "ray", workers=2, engine="ray", address=cluster.address, warn=said.append)
    cluster.remove_node(second)
    assert done.made == 4 and said == []
    assert tree(tmp_path / "ray") == tree(tmp_path / "local")
