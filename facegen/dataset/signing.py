"""C2PA: signed copies of photographs, with the user's own certificate (extra `c2pa`).

A signature holds a random number and the copy a random id, so signed files are never the same bytes twice: they are copies beside
the dataset, whose own files stay as they are. The manifest of each copy says that it was created by an algorithm
(`c2pa.actions`, digitalSourceType as in provenance.py). Nobody's name is in it but the certificate's.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import facegen
from facegen import guard
from facegen.dataset import layout
from facegen.dataset.layers import MIME
from facegen.dataset.provenance import COMPOSITE_TYPE, SOURCE_TYPE, user_files
from facegen.dataset.read import Dataset, Face
from facegen.dataset.write import write_atomic
from facegen.errors import MachineError, RequestError

ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
_INSTALL = "install it with: pip install 'facegen[c2pa]'"


def sign(data: Dataset, out: Path, certificate: Path, key: Path, algorithm: str = "es256") -> Iterator[Path]:
    """Yield signed copies of the photographs of `data` as they are written, `out`/images/<identity>/<image>.

    `certificate`: PEM chain, the signer's first; `key`: its private key, PEM (PKCS 8). No time stamp is asked for: nothing is
    sent anywhere. Raises RequestError for what cannot be signed with, or an `out` that is not empty, MachineError without the
    extra.
    """
    if algorithm not in ALGORITHMS:
        raise RequestError(f"algorithm '{algorithm}' is not one of {', '.join(ALGORITHMS)}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RequestError(f"'{out}' is not empty; choose another directory for the signed copies")
    library = _library()
    signer = _signer(library, certificate, key, algorithm)
    for face in data:
        row = face.labels
        name = layout.photograph(row["identity_id"], face.image_id, str(row["file"]).rpartition(".")[2])
        write_atomic(out / name, _signed(library, signer, face, name), out)
        yield out / name


def _library() -> Any:
    try:
        import c2pa
    except ImportError:
        raise MachineError(f"signing needs the package c2pa-python, which is not installed; {_INSTALL}") from None
    return c2pa


def _signer(library: Any, certificate: Path, key: Path, algorithm: str) -> Any:
    try:
        chain, private = guard.read(certificate, guard.PEM_BYTES), guard.read(key, guard.PEM_BYTES)
    except OSError as error:
        raise RequestError(f"'{error.filename}' cannot be read ({error.strerror}); give a PEM file") from None
    try:
        return library.Signer.from_info(library.C2paSignerInfo(algorithm.encode(), chain, private, None))
    except library.C2paError as error:
        reason = " ".join(str(error).split())
        raise RequestError(
            f"'{certificate}' and '{key}' do not sign with {algorithm}: {reason}; give a PEM chain and its key"
        ) from None


def _signed(library: Any, signer: Any, face: Face, name: str) -> bytes:
    kind = COMPOSITE_TYPE if user_files(face.sample) else SOURCE_TYPE
    told = {
        "claim_generator_info": [{"name": "facegen", "version": facegen.__version__}],
        "title": face.image_id,
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": kind}]}},
        ],
    }
    face.image  # noqa: B018 (a damaged file is never signed)
    out = io.BytesIO()
    mime = MIME[Path(name).suffix[1:]]
    try:
        library.Builder(json.dumps(told)).sign(signer, mime, io.BytesIO(face.dataset.photograph(face.image_id)), out)
    except library.C2paError as error:
        reason = " ".join(str(error).split())
        raise RequestError(f"'{name}' cannot be signed: {reason}; see what C2PA asks of a signing certificate") from None
    return out.getvalue()
