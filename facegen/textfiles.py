"""Reading other people's label files line by line, so that whatever is wrong with one is named by file and line."""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from facegen import guard
from facegen.errors import DataError, RequestError, shown

LABELS = "the label file or the folder that holds it"
PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


@dataclass(frozen=True)
class Place:
    """A line (from 1) of a file, or a record of one that has no lines."""

    path: Path
    line: int
    word: str = "line"

    def __str__(self) -> str:
        return f"{self.path}: {self.word} {self.line}"


@dataclass(frozen=True)
class Format:
    """`found(path)`: the files of this format at a path, [] where there is none; `read(path)`; `is_read`: what a user gives;
    `splits`: whether `read` takes a split as well."""

    found: Callable[[Path], list[Path]]
    read: Callable[..., Any]
    is_read: str
    splits: bool = False


def format_of(path: Path, formats: Mapping[str, Format], unknown: str, mend: str) -> str:
    """Return the one of `formats` found at `path`. Raises RequestError where none is (`unknown`, `mend`), or several are."""
    candidates = [name for name, format in formats.items() if format.found(path)]
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise RequestError(f"{path}: may be {' or '.join(candidates)}; say which with --format")
    known = "; ".join(f"{name}: {format.is_read}" for name, format in formats.items())
    raise RequestError(f"{path}: is {unknown} ({known}); {mend}")


def text(path: Path, asked: str = LABELS) -> str:
    """Return a UTF-8 text without its byte order mark. Raises DataError, naming the line where it stops being UTF-8, or what is
    `asked` for where there is no file."""
    try:
        data = guard.read(path, guard.TEXT_BYTES)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give {asked}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(f"{path}: line {line} is not UTF-8 text; save the file as UTF-8") from None


def lines(path: Path) -> Iterator[tuple[Place, str]]:
    """Yield every line that is not blank, without its line end (LF or CRLF)."""
    for number, line in enumerate(text(path).split("\n"), start=1):
        if line.strip():
            yield Place(path, number), line.rstrip("\r")


def rows(path: Path, needed: Sequence[str], delimiter: str = ",", asked: str = LABELS) -> Iterator[tuple[Place, dict[str, str]]]:
    """Yield the rows of a delimited table with a header, by column name; spaces after a delimiter do not count.

    Raises DataError where a `needed` column is missing, a column is named twice, or a row has other fields than the header.
    """
    reader = csv.reader(text(path, asked).split("\n"), delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        check_header(path, header, needed)
        for fields in reader:
            place = Place(path, reader.line_num)
            if not any(field.strip() for field in fields):
                continue
            if len(fields) != len(header):
                raise DataError(f"{place} has {len(fields)} fields, the header {len(header)}; mend that line")
            yield place, dict(zip(header, fields, strict=True))
    except csv.Error as error:
        raise DataError(f"{path}: line {reader.line_num} is no row of a table ({error}); mend that line") from None


def first_lines(path: Path, count: int) -> list[str]:
    """Return the first lines of a text, whatever follows them; [] where they are none."""
    try:
        if not path.is_file():
            return []
        with path.open("rb") as file:
            return [file.readline(100_000).decode("utf-8-sig" if i == 0 else "utf-8").rstrip("\r\n") for i in range(count)]
    except (OSError, UnicodeDecodeError):
        return []


def header_of(path: Path, delimiter: str = ",") -> list[str]:
    """Return the column names of a delimited table; [] where the file is no text."""
    try:
        reader = csv.reader(first_lines(path, 1), delimiter=delimiter, skipinitialspace=True)
        return [name.strip() for name in next(reader, [])]
    except csv.Error:
        return []


def check_header(path: Path, header: Sequence[str], needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in header]
    if missing:
        there = ", ".join(header) or "nothing"
        raise DataError(f"{path}: line 1 has no column '{missing[0]}', only {there}; give a file that has it")
    twice = sorted(name for name, count in Counter(header).items() if name and count > 1)
    if twice:
        raise DataError(f"{path}: line 1 names column '{twice[0]}' twice; rename one")


def image_id(raw: str) -> str:
    """Return the name of an image with forward slashes: tables written on Windows name the same files."""
    return raw.strip().replace("\\", "/").removeprefix("./")


def records(path: Path) -> Iterator[tuple[Place, str | None, dict[str, Any], str]]:
    """Yield the objects of a JSON list, or of an object of objects: place, key (None in a list), object, its text."""
    everything, decoder = text(path), json.JSONDecoder()
    spaces = json.decoder.WHITESPACE.match  # type: ignore[attr-defined]
    at, line, counted = spaces(everything, 0).end(), 1, 0
    named = everything[at : at + 1] == "{"
    if everything[at : at + 1] not in ("[", "{"):
        raise DataError(f"{path}: line 1 starts neither a JSON list nor an object; give the annotations file of the set")
    close = "}" if named else "]"
    at = spaces(everything, at + 1).end()
    try:
        while everything[at : at + 1] != close:
            key = None
            if named:
                key, at = decoder.raw_decode(everything, at)
                at = _after(everything, spaces(everything, at).end(), ":")
            value, end = decoder.raw_decode(everything, at)
            line, counted = line + everything.count("\n", counted, at), at
            if not isinstance(value, dict):
                raise DataError(f"{path}: line {line} holds {shown(value)}, not an object; give the annotations of the set")
            guard.check_value(value, everything[at:end])
            yield Place(path, line), key, value, everything[at:end]
            at = spaces(everything, end).end()
            if everything[at : at + 1] != close:
                at = _after(everything, at, ",")
    except json.JSONDecodeError as error:
        raise DataError(f"{path}: line {error.lineno} is no JSON ({error.msg}); copy the file again") from None
    except (ValueError, RecursionError) as error:  # digits without end, brackets without end
        said = str(error) if isinstance(error, ValueError) else f"nested more than {guard.JSON_DEPTH} deep"
        raise DataError(f"{path}: line {line} or one soon after is no annotation ({said}); copy the file again") from None


def _after(whole: str, at: int, mark: str) -> int:
    if whole[at : at + 1] != mark:
        raise json.JSONDecodeError(f"expecting '{mark}'", whole, at)
    return json.decoder.WHITESPACE.match(whole, at + 1).end()  # type: ignore[attr-defined,no-any-return]


def whole(text: str) -> int | None:
    """Return the count or number that a field states, None where it states none: ASCII digits, at most twelve."""
    return int(text) if re.fullmatch("[0-9]{1,12}", text) else None


def decimal(text: str) -> float | None:
    """Return the finite number that a field states, None where it states none: ASCII digits, a point, an exponent. Python's own
    float() also takes 1_0, nan and the digits of other scripts, which in a table are slips."""
    if re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def cut_off(path: Path, said: int, found: int, what: str) -> NoReturn:
    raise DataError(f"{path}: line 1 says {said} {what}, the file holds {found}; copy it again, or mend the first line")
