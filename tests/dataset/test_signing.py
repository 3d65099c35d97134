"""Photographs signed with a certificate made here, and what the library itself reads back."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from facegen.dataset.read import Dataset
from facegen.dataset.signing import sign
from facegen.errors import DataError, RequestError
from facegen.sensor.codec import decode

LEAF = """basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=emailProtection
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid,issuer
"""


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(chain, key) of a signer under an authority, both new; openssl makes them."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    home = tmp_path_factory.mktemp("keys")
    (home / "leaf.cnf").write_text(LEAF)
    for words in (
        "ecparam -name prime256v1 -genkey -noout -out ca.key",
        "req -x509 -new -key ca.key -subj /CN=Authority/O=Test -days 30 -out ca.pem",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out leaf.key",
        "req -new -key leaf.key -subj /CN=Signer/O=Test -out leaf.csr",
        "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile leaf.cnf -out leaf.pem",
    ):
        subprocess.run(["openssl", *words.split()], cwd=home, check=True, capture_output=True)
    (home / "chain.pem").write_bytes((home / "leaf.pem").read_bytes() + (home / "ca.pem").read_bytes())
    return home / "chain.pem", home / "leaf.key"


def test_signed_copies_say_who_signed_and_how_they_were_made(
    fake_dataset: Path, tmp_path: Path, credentials: tuple[Path, Path]
) -> None:
    c2pa = pytest.importorskip("c2pa")
    data = Dataset.open(fake_dataset)
    paths = list(sign(data, tmp_path / "signed", *credentials))
    assert [p.relative_to(tmp_path / "signed").as_posix() for p in paths] == list(data.labels["file"])
    assert sorted(tmp_path.rglob("*.jpg")) == sorted(paths)
    for path, face in zip(paths, data, strict=True):
        with open(path, "rb") as file:
            told = json.loads(c2pa.Reader("image/jpeg", file).json())
        active = told["manifests"][told["active_manifest"]]
        (actions,) = [a for a in active["assertions"] if a["label"].startswith("c2pa.actions")]
        assert actions["data"]["actions"][0]["digitalSourceType"].endswith("/algorithmicMedia")
        assert active["title"] == face.image_id and active["signature_info"]["common_name"] == "Signer"
        codes = {entry["code"] for entry in told["validation_status"]}
        assert codes == {"signingCredential.untrusted"}  # the authority is ours alone; nothing else is wrong
        assert np.array_equal(decode(path.read_bytes()), face.image)


def test_a_signed_copy_that_was_changed_is_found(fake_dataset: Path, tmp_path: Path, credentials: tuple[Path, Path]) -> None:
    c2pa = pytest.importorskip("c2pa")
    path = next(iter(sign(Dataset.open(fake_dataset), tmp_path / "signed", *credentials)))
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    with open(path, "rb") as file:
        told = json.loads(c2pa.Reader("image/jpeg", file).json())
    assert "assertion.dataHash.mismatch" in {entry["code"] for entry in told["validation_status"]}


def test_what_cannot_be_signed(fake_dataset: Path, tmp_path: Path, credentials: tuple[Path, Path]) -> None:
    data = Dataset.open(fake_dataset)
    with pytest.raises(RequestError, match="'rsa' is not one of es256"):
        list(sign(data, tmp_path / "a", *credentials, algorithm="rsa"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").touch()
    with pytest.raises(RequestError, match="is not empty"):
        list(sign(data, tmp_path / "full", *credentials))
    pytest.importorskip("c2pa")
    with pytest.raises(RequestError, match="none.pem' cannot be read"):
        list(sign(data, tmp_path / "a", tmp_path / "none.pem", credentials[1]))
    with pytest.raises(RequestError, match="give a PEM chain and its key"):
        list(sign(data, tmp_path / "a", credentials[0], credentials[0]))
    assert not (tmp_path / "a").exists()
    out = Path(shutil.copytree(fake_dataset, tmp_path / "set"))
    first = out / str(data.labels["file"][0])
    first.write_bytes(first.read_bytes()[:-9])
    with pytest.raises(DataError, match="is cut off"):
        list(sign(Dataset.open(out), tmp_path / "a", *credentials))
