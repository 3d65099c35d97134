"""A .bin is read without pickle: what Python 2 and 3 write comes out as pickle gives it, and nothing that it says is done."""

from __future__ import annotations

import os
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facegen.errors import DataError
from facegen.recognise.sets import load, pickled

PICTURES = [b"\xff\xd8picture" + bytes([n % 256]) * n for n in range(600)]
TRUTH = [k % 3 == 0 for k in range(300)]
AS = {
    "bools": TRUTH, "tuple": tuple(TRUTH), "numbers": [int(t) for t in TRUTH], "array": np.array(TRUTH),
    "scalars": [np.bool_(t) for t in TRUTH], "uint8": np.array(TRUTH, np.uint8),
}  # fmt: skip


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("kind", AS)
def test_what_python_3_writes(protocol: int, kind: str) -> None:
    data = pickle.dumps((PICTURES, AS[kind]), protocol=protocol)
    assert pickled.load(data) == (PICTURES, TRUTH)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pictures_as_arrays(protocol: int) -> None:
    arrays = [np.frombuffer(data, np.uint8) for data in PICTURES]
    assert pickled.load(pickle.dumps([arrays, TRUTH], protocol=protocol)) == (PICTURES, TRUTH)


def test_what_python_2_wrote() -> None:
    """Strings of Python 2 in its protocol 2: SHORT_BINSTRING and BINSTRING, as `pickle.load(encoding="bytes")` reads them."""
    long = b"\xff\xd8" + bytes(range(256)) * 2
    data = b"\x80\x02]q\x00(U\x03\xff\xd8aq\x01T" + len(long).to_bytes(4, "little") + long + b"e]q\x02\x88a\x86q\x03."
    assert pickle.loads(data, encoding="bytes") == ([b"\xff\xd8a", long], [True])
    assert pickled.load(data) == ([b"\xff\xd8a", long], [True])


class Evil:
    def __init__(self, does: Any, *arguments: Any) -> None:
        self.does = (does, arguments)

    def __reduce__(self) -> Any:
        return self.does


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("where", ["whole", "picture", "truth"])
def test_a_hostile_one_is_refused_and_does_nothing(tmp_path: Path, protocol: int, where: str) -> None:
    mark = tmp_path / "mark"
    evil = Evil(os.system, f"touch {mark}")
    value = {"whole": evil, "picture": ([evil, b"x"], [True]), "truth": ([b"x", b"y"], [evil])}[where]
    data = pickle.dumps(value, protocol=protocol)
    pickle.loads(data)
    assert mark.exists(), "pickle itself does what it says"
    mark.unlink()
    with pytest.raises(ValueError, match=r"it names (posix|nt)\.system|it asks for|broken|UTF|pickle"):
        pickled.load(data)
    path = tmp_path / "evil.bin"
    path.write_bytes(data)
    with pytest.raises(DataError, match="is no list of pictures") as caught:
        load(path)
    assert not mark.exists() and caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("does", "arguments"), [(eval, ("1",)), (getattr, ("a", "b")), (np.load, ("x",)), (np.frombuffer, (b"x",)), (bytes, ([1],))]
)
def test_only_the_names_of_arrays_are_known(does: Any, arguments: Any) -> None:
    with pytest.raises(ValueError, match="which is a program and no list of pictures"):
        pickled.load(pickle.dumps(([Evil(does, *arguments)], [True]), protocol=4))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "exhausted|STOP"),
        (b"junk", "not enough data|unknown|exhausted"),
        (b".", "broken pickle"),
        (b"e.", "broken pickle"),
        (b"\x80\x04](K\x01e.", "holds no"),
        (b"\x80\x04h\x05.", "broken pickle"),
        (b"\x80\x02]r\xff\xff\xff\xff.", "holds no"),
        (b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "expected|exceeds|not enough"),
        (b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x7f.", "expected|exceeds|not enough"),
        (pickle.dumps(({}, [])), "EMPTY_DICT"),
        (pickle.dumps((["text"], [True])), "picture 0 is no encoded picture"),
        (pickle.dumps(([b"x"], [2])), "truth value 0 is neither"),
        (pickle.dumps(([b"x"], np.array([0.5]))), "truth values are no list"),
        (pickle.dumps(([b"x"], np.array([None]))), "no list|holds|neither|asks for|no"),
    ],
)
def test_anything_else_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        pickled.load(data)


def test_a_list_within_itself_comes_to_an_end() -> None:
    inner: list[Any] = []
    inner.append(inner)
    with pytest.raises(ValueError, match="picture 0 is no encoded picture"):
        pickled.load(pickle.dumps((inner, [])))


def test_pictures_and_pairs_must_agree(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(pickle.dumps(([b"x", b"y", b"z"], [True])))
    with pytest.raises(DataError, match="holds 3 pictures for 1 pairs, two for each are needed"):
        load(path)
    assert all(op.name != "GLOBAL" for op, _, _ in pickletools.genops(pickle.dumps(([b"x"], [True]), protocol=4)))
