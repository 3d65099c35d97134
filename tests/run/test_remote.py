"""Every kind of store keeps the same promises; what a store refuses is told in one line that gives nothing away."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import object_server
import pytest
from object_server import BUCKET, SECRET
from small import FAKE, SMALL, small_spec, tree

from facegen.errors import DataError, FacegenError, MachineError, RequestError
from facegen.run.local import generate
from facegen.run.store import LocalStore, Store, open_store

pytest.importorskip("fsspec")
from facegen.run import remote  # noqa: E402
from facegen.run.remote import RemoteStore  # noqa: E402

KINDS = ("local", "memory", "file", "s3")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    pytest.importorskip("s3fs")
    pytest.importorskip("moto")
    with object_server.moto() as endpoint:
        yield endpoint


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """A prefix of its own in the bucket, and an environment in which this process and its children may write there."""
    for name, value in object_server.access(server).items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{request.node.name.replace('[', '-').replace(']', '')}"


def made(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Store:
    if kind == "local":
        (tmp_path / "set/.work/tmp").mkdir(parents=True)
        return LocalStore(tmp_path / "set")
    if kind == "memory":
        return RemoteStore(f"memory://{tmp_path.name}/set")
    return RemoteStore(f"file://{tmp_path}/set" if kind == "file" else request.getfixturevalue("s3"))


@pytest.fixture(params=KINDS)
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Store:
    return made(request.param, tmp_path, request)


def test_what_is_put_is_got_listed_and_replaced(store: Store) -> None:
    assert store.get("a/b.txt") is None and store.names("a") == []
    store.put("a/b.txt", b"one")
    store.put("a/b.txt", b"two!")
    store.put("a/a.txt", b"")
    store.put("a/deep/c.txt", b"c")
    store.put("ab/d.txt", b"d")
    assert store.get("a/b.txt") == b"two!" and store.get("a/a.txt") == b""
    assert store.size("a/b.txt") == 4 and store.size("a/a.txt") == 0
    assert store.names("a") == ["a.txt", "b.txt"] and store.names("a/deep") == ["c.txt"]
    store.put("top.txt", b"")
    assert store.names("") == ["top.txt"]
    assert store.get("a") is None  # a folder is no file
    store.settle(["a", "ab"])


def test_a_new_file_is_put_once(store: Store) -> None:
    assert store.put_new("x/one", b"first") is True
    assert store.put_new("x/one", b"second") is False
    assert store.get("x/one") == b"first" and store.names("x") == ["one"]


def test_folders_and_files_are_discarded_and_their_neighbours_stay(store: Store) -> None:
    for name in ("w/1", "w/deep/2", "w2/3", "4"):
        store.put(name, b".")
    store.discard("w")
    store.discard("w")
    store.discard("4")
    store.discard("never/was")
    assert store.names("w") == store.names("w/deep") == store.names("") == [] and store.names("w2") == ["3"]


def test_a_missing_file_has_no_size(store: Store) -> None:
    with pytest.raises(DataError, match="gone missing"):
        store.size("nothing")


def test_large_files_arrive_whole(store: Store, tmp_path: Path) -> None:
    data = bytes(range(256)) * 8192
    store.put("big", data)
    assert store.get("big") == data and store.size("big") == len(data)
    if isinstance(store, RemoteStore):
        (tmp_path / "file").write_bytes(data[::-1])
        store.put_file("deep/big", tmp_path / "file")
        assert store.get("deep/big") == data[::-1] and store.names(".work/tmp") == []


def test_many_files_are_listed(s3: str) -> None:
    import s3fs

    store = RemoteStore(s3)
    s3fs.S3FileSystem(skip_instance_cache=True).pipe(
        {f"{s3[5:]}/many/{i:05d}": b"" for i in range(1100)}
    )  # more than a page of an answer
    assert store.names("many") == [f"{i:05d}" for i in range(1100)]
    store.discard("many")
    assert store.names("many") == []


RACE = """
import sys, time
from pathlib import Path
from facegen.run.store import LocalStore
from facegen.run.remote import RemoteStore
kind, where, mine, start, names = sys.argv[1:]
store = LocalStore(Path(where)) if kind == "local" else RemoteStore(where)
store.get("warm")
print("ready", flush=True)
sys.stdin.readline()
print(" ".join(name for name in names.split(",") if store.put_new(name, mine.encode() * 1000)))
"""


@pytest.mark.parametrize("kind", ["local", "file", "s3"])
def test_of_two_processes_one_puts_a_new_file(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    store = made(kind, tmp_path, request)
    names = [f"shards/{i}" for i in range(25)]
    where = str(tmp_path / "set") if kind == "local" else store.url
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, kind, where, mine, "", ",".join(names)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        for mine in "AB"
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout is not None and racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = {mine: set(racer.communicate()[0].split()) for mine, racer in zip("AB", racers, strict=True)}
    assert won["A"] | won["B"] == set(names) and not won["A"] & won["B"]
    for name in names:
        assert store.get(name) == (b"A" if name in won["A"] else b"B") * 1000
    assert sorted(store.names("shards")) == sorted(name.split("/")[1] for name in names)


def test_a_claim_whose_writer_died_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "TOOK_OVER_S", 0.2)
    store = RemoteStore(f"file://{tmp_path}/set")
    store.put("shards/one.claim", b"")
    assert store.put_new("shards/one", b"mine") is True
    assert store.get("shards/one") == b"mine" and store.names("shards") == ["one"]


def test_a_directory_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refused)
    (tmp_path / "set/.work/tmp").mkdir(parents=True)
    store = LocalStore(tmp_path / "set")
    assert store.put_new("x/one", b"first") is True and store.put_new("x/one", b"second") is False
    assert store.get("x/one") == b"first" and store.names(".work/tmp") == []


def test_nothing_of_a_file_shows_when_writing_breaks_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RemoteStore(f"file://{tmp_path}/set")
    store.put("a", b"old")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(store._fs, "mv", full)
    with pytest.raises(MachineError, match="No space left on device; free some space"):
        store.put("a", b"new")
    assert store.get("a") == b"old" and store.names(".work/tmp") == []


def test_a_dataset_made_into_a_bucket_has_the_bytes_of_a_local_one(s3: str, fake_dataset: Path) -> None:
    done = generate(small_spec(), s3, workers=2, studio=FAKE)
    assert (done.images, done.made, done.failed) == (6, 6, {})
    found = object_server.objects(s3.removeprefix(f"s3://{BUCKET}/"))
    assert found == tree(fake_dataset)
    assert not any(SECRET.encode() in data for data in found.values())
    assert generate(small_spec(), s3, workers=1, studio=FAKE).made == 0
    with pytest.raises(RequestError, match="another spec"):
        generate(small_spec(seed=8), s3, workers=1, studio=FAKE)


def test_a_run_into_a_bucket_goes_on_after_a_fault(
    s3: str, fake_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACEGEN_FAKE", str(tmp_path))
    (tmp_path / "000001_001").write_text("full")
    with pytest.raises(MachineError):
        generate(small_spec(), s3, workers=1, studio=FAKE)
    prefix = s3.removeprefix(f"s3://{BUCKET}/")
    state = object_server.objects(prefix)
    assert ".work/run.json" in state and "manifest.json" not in state
    (tmp_path / "000001_001").unlink()
    assert generate(small_spec(), s3, workers=1, studio=FAKE).made == 4  # identity 0 was in the store
    assert object_server.objects(prefix) == tree(fake_dataset)


def test_a_foreign_bucket_is_refused(s3: str) -> None:
    RemoteStore(s3).put("holiday.jpg", b"x")
    with pytest.raises(RequestError, match="is not empty and holds no dataset of ours"):
        generate(small_spec(), s3, studio=FAKE)


def test_a_missing_bucket_is_told_by_every_verb(s3: str) -> None:
    store = RemoteStore("s3://nowhere/set")
    for verb in (lambda: store.get("a"), lambda: store.names(""), lambda: store.put("a", b""), lambda: store.put_new("a", b"")):
        with pytest.raises(RequestError, match="there is no bucket 'nowhere'; make it, or choose another --out"):
            verb()


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("s3://AKID:wJalr@faces/set", RequestError, "'s3://faces/set': the address held credentials"),
        ("memory://set", RequestError, "no other process sees this one's memory"),
        ("s3://", RequestError, "is not scheme://bucket/prefix"),
        ("simplecache::s3://faces/set", RequestError, "is not scheme://bucket/prefix"),
        ("sss://faces/set", RequestError, "nothing called 'sss' can be opened; s3, gs"),
        ("hdfs2://x/y", RequestError, "nothing called 'hdfs2'"),
    ],
)
def test_addresses_that_cannot_be(url: str, error: type[FacegenError], says: str) -> None:
    with pytest.raises(error) as caught:
        open_store(url)
    assert says in str(caught.value) and "wJalr" not in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_address_is_a_directory(tmp_path: Path) -> None:
    assert isinstance(open_store(f"file://{tmp_path}/set"), LocalStore)
    assert open_store(f"file://{tmp_path}/set").url == str(tmp_path / "set")


def test_a_missing_package_is_named_with_its_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)  # what was loaded before
    with pytest.raises(MachineError, match="s3:// needs a package that is missing .*; run: make cluster-tools"):
        open_store("s3://faces/set")


def against(endpoint: str, code: str, **changes: str) -> str:
    """Run `code` with the store `s` at s3://faces/set of `endpoint`; return what it printed, errors as 'Kind: text'."""
    whole = (
        "from facegen.run.store import open_store\nfrom facegen.errors import FacegenError\n"
        f"try:\n    s = open_store('s3://faces/set')\n    print({code})\n"
        "except FacegenError as error:\n    print(f'{type(error).__name__}: {error}')"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    environment = {**kept, **object_server.access(endpoint), **changes, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    ran = subprocess.run([sys.executable, "-c", whole], env=environment, capture_output=True, text=True, timeout=120)
    assert SECRET not in ran.stdout + ran.stderr and "Traceback" not in ran.stderr, ran.stderr
    return ran.stdout.strip()


@pytest.mark.parametrize("code", ["ServiceUnavailable", "SlowDown"])
def test_passing_faults_are_tried_again(code: str) -> None:
    pytest.importorskip("s3fs")
    with object_server.answering((503, code), (500, "InternalError"), (200, "")) as (endpoint, asked):
        assert against(endpoint, "s.put('x', b'1')") == "None"
    assert asked == ["PUT /faces/set/x"] * 3


def test_no_permission_is_told_at_once() -> None:
    pytest.importorskip("s3fs")
    with object_server.answering((403, "AccessDenied")) as (endpoint, asked):
        said = against(endpoint, "s.put('x', b'1')")
    assert said == (
        "RequestError: 's3://faces/set/x' cannot be written: no permission (AccessDenied); "
        "the key must read, write, list and delete there"
    )
    assert len(asked) == 1


def test_wrong_and_missing_keys_are_told_apart_from_permissions(tmp_path: Path) -> None:
    pytest.importorskip("s3fs")
    with object_server.answering((403, "SignatureDoesNotMatch")) as (endpoint, _):
        assert "the store takes no credentials of ours (SignatureDoesNotMatch); set AWS_ACCESS" in against(
            endpoint, "s.names('')"
        )
    gone = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(tmp_path)}
    said = against("http://127.0.0.1:9", "s.names('')", **gone)
    assert said.startswith(
        "RequestError: 's3://faces/set': the store takes no credentials of ours (NoCredentialsError); set AWS_"
    )


def test_a_server_without_conditional_puts(server: str) -> None:
    with object_server.without_conditions(server) as (endpoint, refused):
        code = "(s.put_new('old/x', b'1'), s.put_new('old/x', b'2'), s.get('old/x'), s.names('old'))"
        assert against(endpoint, code) == "(True, False, b'1', ['x'])"
    assert refused == ["PUT /faces/set/old/x", "PUT /faces/set/old/x.claim", "PUT /faces/set/old/x"]


def test_the_command_line_says_one_line(tmp_path: Path) -> None:
    pytest.importorskip("s3fs")
    (tmp_path / "spec.yaml").write_text(json.dumps(SMALL))
    with object_server.answering((403, "AccessDenied")) as (endpoint, _):
        environment = {**os.environ, **object_server.access(endpoint), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        command = [sys.executable, "-m", "facegen.cli", "generate", str(tmp_path / "spec.yaml"), "--out", f"s3://{BUCKET}/set"]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 2 and ran.stdout == ""
    assert ran.stderr.strip().count("\n") == 0 and "no permission (AccessDenied)" in ran.stderr and SECRET not in ran.stderr
