"""InsightFace's verification .bin without pickle: its opcodes are read by a small machine that knows data and calls nothing.

A .bin is a pickle of (list of encoded pictures, two a pair; list of truth values). Loading one with pickle runs whatever it says.
Here pickletools only cuts the file into opcodes, and those that make lists, tuples, bytes, words, numbers and truth values are
carried out; the names that numpy writes its arrays with become inert records, whose bytes are read as data. Any other name
or opcode is refused. Both ages are read: those that Python 2 wrote (pictures as strings) and those of Python 3. pickle.Unpickler
with a find_class of its own would be shorter, but ten bytes that name a high memo entry make it fill gigabytes.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric", "numpy._core.numeric", "numpy")
_ARRAYS = ("_reconstruct", "_frombuffer", "scalar", "ndarray", "dtype")
NAMES = frozenset((module, name) for module in NUMPY for name in _ARRAYS) | {
    ("_codecs", "encode"),  # how Python 3 writes bytes in protocol 2
}
TRUTH = ("b1", "?", "bool", "u1", "i1")
"""dtypes of one byte that a list of truth values may have."""
_BYTES = ("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8")
_TEXT = ("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE")
_LATIN = ("BINSTRING", "SHORT_BINSTRING")
_NUMBERS = ("INT", "BININT", "BININT1", "BININT2", "LONG1", "LONG")
_MADE: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_SKIPPED = ("PROTO", "FRAME")
_PUT = ("PUT", "BINPUT", "LONG_BINPUT")
_GET = ("GET", "BINGET", "LONG_BINGET")
_MARK = object()


@dataclass(frozen=True)
class Name:
    """A name of NAMES; never looked up."""

    module: str
    name: str


@dataclass
class Made:
    """What calling a Name would have made: its arguments, and the state that was given to it."""

    name: Name
    arguments: tuple[Any, ...]
    state: Any = None


def load(data: bytes) -> tuple[list[bytes], list[bool]]:
    """Return the encoded pictures and the truth values of a .bin. Raises ValueError, saying why, for anything else."""
    value = _Machine().run(data)
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError("it holds no (pictures, truth values)")
    pictures, mated = value
    if not isinstance(pictures, list | tuple):
        raise ValueError("its pictures are no list")
    return [_encoded(picture, at) for at, picture in enumerate(pictures)], _truths(mated)


class _Machine:
    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        try:
            for op, argument, _ in pickletools.genops(data):
                if op.name == "STOP":
                    return self._stack.pop()
                self._do(op.name, argument)
        except (IndexError, KeyError, TypeError, AttributeError, UnicodeError, OverflowError) as error:
            raise ValueError(f"a broken pickle ({type(error).__name__})") from None
        raise ValueError("it ends too early")

    def _do(self, name: str, argument: Any) -> None:
        stack = self._stack
        if name in _SKIPPED:
            return
        if name in _MADE:
            stack.append(_MADE[name])
        elif name in _BYTES:
            stack.append(bytes(argument))
        elif name in _TEXT or name in _NUMBERS:
            stack.append(argument)
        elif name in _LATIN:
            stack.append(argument.encode("latin-1"))
        elif name in _PUT:
            self._memo[int(argument)] = stack[-1]
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = stack[-1]
        elif name in _GET:
            stack.append(self._memo[int(argument)])
        elif name in _BUILDERS:
            _BUILDERS[name](stack)
        elif name == "GLOBAL":
            stack.append(_named(*argument.split(" ", 1)))
        else:
            raise ValueError(f"it asks for {name}, which no list of pictures needs")


def _since_mark(stack: list[Any]) -> list[Any]:
    at = len(stack) - 1
    while stack[at] is not _MARK:
        at -= 1
        if at < 0:
            raise IndexError
    held = stack[at + 1 :]
    del stack[at:]
    return held


def _tuple_of(count: int) -> Callable[[list[Any]], None]:
    def build(stack: list[Any]) -> None:
        if len(stack) < count:
            raise IndexError
        stack[len(stack) - count :] = [tuple(stack[len(stack) - count :])]

    return build


def _append(stack: list[Any]) -> None:
    value = stack.pop()
    _list(stack[-1]).append(value)


def _appends(stack: list[Any]) -> None:
    values = _since_mark(stack)
    _list(stack[-1]).extend(values)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("it appends to what is no list")
    return value


def _reduce(stack: list[Any]) -> None:
    arguments, name = stack.pop(), stack.pop()
    if not isinstance(name, Name) or not isinstance(arguments, tuple):
        raise ValueError("it calls what is no name")
    if name.name == "encode":
        text, how = arguments
        if how != "latin1" or not isinstance(text, str):
            raise ValueError("it encodes text in another way than Python writes bytes")
        stack.append(text.encode("latin-1"))
    else:
        stack.append(Made(name, arguments))


def _build(stack: list[Any]) -> None:
    state = stack.pop()
    if not isinstance(stack[-1], Made):
        raise ValueError("it sets the state of what has none")
    stack[-1].state = state


def _named(module: str, name: str) -> Name:
    if (module, name) not in NAMES:
        raise ValueError(f"it names {module}.{name}, which is a program and no list of pictures")
    return Name(module, name)


def _stack_global(stack: list[Any]) -> None:
    name, module = stack.pop(), stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise ValueError("it names what is no name")
    stack.append(_named(module, name))


_BUILDERS: dict[str, Callable[[list[Any]], None]] = {
    "MARK": lambda stack: stack.append(_MARK),
    "EMPTY_LIST": lambda stack: stack.append([]),
    "EMPTY_TUPLE": lambda stack: stack.append(()),
    "LIST": lambda stack: stack.append(_since_mark(stack)),
    "TUPLE": lambda stack: stack.append(tuple(_since_mark(stack))),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "APPEND": _append,
    "APPENDS": _appends,
    "POP": lambda stack: stack.pop(),
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "BUILD": _build,
}


def _encoded(value: Any, at: int) -> bytes:
    found = value if isinstance(value, bytes) else _array(value)
    if found is None:
        raise ValueError(f"its picture {at} is no encoded picture")
    return found


def _truths(value: Any) -> list[bool]:
    raw = _array(value)
    if raw is not None:
        value = list(raw)
    if not isinstance(value, list | tuple):
        raise ValueError("its truth values are no list")
    out = []
    for at, one in enumerate(value):
        scalar = _array(one)
        one = scalar[0] if scalar is not None and len(scalar) == 1 else one
        if not isinstance(one, int) or one not in (0, 1):
            raise ValueError(f"its truth value {at} is neither true nor false")
        out.append(bool(one))
    return out


def _array(value: Any) -> bytes | None:
    """Return the bytes of a numpy array or scalar of one-byte values, None where `value` is none."""
    if not isinstance(value, Made):
        return None
    if value.name.name == "scalar" and len(value.arguments) == 2:
        kind, raw = value.arguments
    elif value.name.name == "_frombuffer" and len(value.arguments) == 4:
        raw, kind = value.arguments[:2]
    elif value.name.name == "_reconstruct" and isinstance(value.state, tuple) and len(value.state) == 5:
        shape, kind, raw = value.state[1], value.state[2], value.state[4]
        if not isinstance(shape, tuple) or len(shape) != 1 or not isinstance(raw, bytes) or shape[0] != len(raw):
            return None
    else:
        return None
    is_dtype = isinstance(kind, Made) and kind.name.name == "dtype" and kind.arguments[:1]
    word = kind.arguments[0] if is_dtype else None
    word = word.decode("latin-1") if isinstance(word, bytes) else word
    return raw if word in TRUTH and isinstance(raw, bytes) else None
