"""What a careless or hostile hand makes of a good file, and what a reader may answer: a value, or one line.

`FACEGEN_FUZZ=20 pytest tests/security` tries twenty times as much, another part of it at each call.
"""

from __future__ import annotations

import copy
import json
import math
import os
import signal
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from facegen.errors import LONGEST, FacegenError

TIMES = int(os.environ.get("FACEGEN_FUZZ", "1"))
SECONDS = 120
"""After which a reader counts as hanging; none needs one, and the machine may be busy."""
WORDS = (
    b"", b"0", b"-1", b"1e400", b"NaN", b".inf", b"null", b"true", b"[]", b"{}", b"''", b'"', b"\n", b"\r", b"\t", b",", b":",
    b"%", b"9" * 30, b"9" * 5000, b"0x" + b"f" * 6000, b"1:" * 400 + b"1", b"1_0", b"-0", b"1999-99-99", b"\xc2\xb2",
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\\u0000", b'"\\ud800"', b"\xe2\x80\xae", b"\x1b[2J", b"\xf0\x9f\x98\x80",
    b"../../x", b"/etc/passwd", b"..\\x", b"a" * 5000, b"[" * 3000, b"{" * 3000, b"- ", b"@", b"#",
    b"&a [*a]", b"!!python/object/apply:os.system [x]", b"!!timestamp x", b"? [a]\n", b"<<: {a: 1}",
)  # fmt: skip
"""What is put into a file of text in the place of something else."""
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 10**400, -(10**400), 0.5, -0.0, 1e308, math.inf, -math.inf, math.nan,
    "", "x", "0", "²", "a" * 5000, "../../x", "/etc/passwd", "a\\b", "a\0b", "\n", "\x1b[2J", "\ud800", "\u202e",
    [], {}, [[]], {"": {}}, [None], [0] * 300, {"x": 0},
)  # fmt: skip
"""What is put into a tree of values in the place of another."""


def much(examples: int) -> settings:
    """Return the settings of a fuzz test: always the same examples, unless FACEGEN_FUZZ asks for more and others."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def watched() -> Iterator[None]:
    """Fail where the block takes longer than SECONDS."""

    def ring(*_: object) -> None:
        raise AssertionError(f"hangs: nothing after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def answer(read: Callable[[], Any]) -> Any:
    """Return what `read` returns, or the FacegenError that it raises: any other end of it fails the test."""
    try:
        with watched():
            return read()
    except FacegenError as error:
        said = str(error)
        assert said and said.isprintable() and len(said) <= LONGEST + 10, repr(said)
        assert error.exit_code in (1, 2)
        return error


@st.composite
def mutated(draw: st.DrawFn, data: bytes, text: bool = False) -> bytes:
    """One to four blows at a good file: a flipped bit, a cut, a part twice, bytes put in; of a text, words in place of words."""
    out = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(out) - 1, 0)))
        many = draw(st.integers(1, 40))
        kinds = ["flip", "cut", "twice", "drop", "put"] + (["word"] * 5 if text else ["number"] * 2)
        kind = draw(st.sampled_from(kinds))
        if kind == "flip" and out:
            out[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del out[at:]
        elif kind == "twice":
            out[at:at] = out[at : at + many]
        elif kind == "drop":
            del out[at : at + many]
        elif kind == "put":
            out[at:at] = draw(st.binary(max_size=40))
        elif kind == "number":
            size = draw(st.sampled_from((1, 2, 4, 8)))
            out[at : at + size] = draw(st.sampled_from((0, 1, -1, 1 << (8 * size - 1)))).to_bytes(
                size + 1, "little", signed=True
            )[:size]
        else:
            start, end = _word(bytes(out), at)
            out[start:end] = draw(st.sampled_from(WORDS))
    return bytes(out)


def _word(data: bytes, at: int) -> tuple[int, int]:
    """Return where the run of letters and digits at `at` begins and ends."""
    start = end = at
    while start > 0 and data[start - 1 : start].isalnum():
        start -= 1
    while end < len(data) and data[end : end + 1].isalnum():
        end += 1
    return start, end


trees = st.recursive(
    st.sampled_from(VALUES[:-9]) | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
"""Any tree of values, NaN and lone surrogates too."""


@st.composite
def changed(draw: st.DrawFn, tree: Any) -> Any:
    """A good tree of values with one to three places of it changed: another value, a key more, renamed or gone."""
    out = json.loads(json.dumps(tree))
    for _ in range(draw(st.integers(1, 3))):
        here = out
        while isinstance(here, dict | list) and here:
            key = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
            inner = here[key]
            if not (isinstance(inner, dict | list) and inner) or draw(st.integers(0, 4)) == 0:
                kind = draw(st.sampled_from(("value", "value", "value", "gone", "more")))
                if kind == "value":
                    here[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
                elif kind == "gone":
                    del here[key]
                elif isinstance(here, dict):
                    here[draw(st.sampled_from(("", "x", "file", "a\0", "seed")))] = copy.deepcopy(inner)
                else:
                    here.append(copy.deepcopy(inner))
                break
            here = inner
    return out


def written(tree: Any) -> bytes:
    """Return a tree as JSON that may hold NaN, lone surrogates and whole numbers of any length."""
    return json.dumps(tree).encode()


def refused(kind: type[FacegenError], read, *words: str) -> None:
    """The answer is an error of this kind, in one line that holds `words`, and exit code 2."""
    found = answer(read)
    assert isinstance(found, kind), found
    assert all(word in str(found) for word in words), str(found)
    assert found.exit_code == 2


def png(width: int, height: int) -> bytes:
    """Return a PNG that says it is this large and holds a hundred zeros."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
