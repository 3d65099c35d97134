"""YAML in, one-line errors out."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from facegen import guard
from facegen.errors import SpecError, did_you_mean, shown


class _Loader(yaml.SafeLoader):
    """Safe loader that refuses what can grow without bound (aliases, nesting, long numbers), tags, and a key written twice."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise _refused("aliases are not allowed", event)
        if event.tag is not None:
            raise _refused(f"tags are not allowed ({event.tag[:40]})", event)
        if self._depth >= guard.YAML_DEPTH:
            raise _refused(f"nested more than {guard.YAML_DEPTH} deep", event)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(node, yaml.ScalarNode):
            plain = node.tag == "tag:yaml.org,2002:str"
            most = guard.YAML_TEXT if plain else guard.YAML_NUMBER
            if not node.value.isascii() and _half(node.value):
                raise _refused("half of a UTF-16 character", event)
            if len(node.value) > most:
                raise _refused(f"a {'text' if plain else 'number'} of {len(node.value)} characters; at most {most}", event)
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refused("a key is a list or a mapping; write a word", key)
            if key.value in seen:
                raise _refused(f"key '{key.value}' is written twice", key)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _day(loader: _Loader, node: Any) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        raise _refused(f"'{node.value}' is no day; write it as 2026-01-31", node) from None


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)


def _half(text: str) -> bool:
    """Whether a text holds a lone surrogate ("\\ud800"), which no file can."""
    return any("\ud800" <= c <= "\udfff" for c in text)


def _refused(problem: str, at: Any) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, at.start_mark)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in the YAML file `path`; SpecError when it cannot be read or is none."""
    try:
        text = guard.read(path, guard.SPEC_BYTES).decode("utf-8")
    except IsADirectoryError:
        raise SpecError(f"{path}: is a directory; give the path of a YAML spec") from None
    except FileNotFoundError:
        raise SpecError(f"{path}: no such file; give the path of a YAML spec, for example pipelines/demo.yaml") from None
    except UnicodeDecodeError:
        raise SpecError(f"{path}: is not UTF-8 text; give the path of a YAML spec") from None
    except OSError as error:
        raise SpecError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from None
    try:
        values = yaml.load(text, Loader=_Loader)  # a SafeLoader
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise SpecError(f"{path}: {_yaml_problem(error)}; mend the YAML there") from None
    if not isinstance(values, dict):
        raise SpecError(f"{path}: holds {_kind(values)}, not a mapping; start it with 'name: ...'")
    return values


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = " ".join(str(getattr(error, "problem", None) or error).split())
    return problem if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: {problem}"


def one_line(error: ValidationError, model: type[BaseModel], source: str) -> SpecError:
    """Turn the first problem of a ValidationError into one line that names the value, what is allowed and the mend."""
    problems = error.errors(include_url=False)
    first = problems[0]
    path = [str(part) for part in first["loc"]]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    text = " ".join(f"{source}: {_message(first, path, model)}{more}".split())
    return SpecError(text)


def _message(problem: Any, path: list[str], model: type[BaseModel]) -> str:
    where = ".".join(path)
    kind, value = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        allowed = _fields(model, path[:-1])
        parent = f" in {'.'.join(path[:-1])}" if len(path) > 1 else ""
        return f"unknown key{parent}: {did_you_mean(path[-1], allowed)}; rename or remove it"
    if kind == "json_invalid":
        return f"is no JSON ({problem['ctx']['error']}); give what facegen wrote"
    if kind == "missing":
        return f"'{where}' is missing; add it"
    if kind == "value_error":
        text = str(problem["ctx"]["error"])
        inside = text.split(":")[0].split(".")[0] in _fields(model, path)
        return f"{where}{'.' if inside and where else ''}{'' if inside or not where else ': '}{text}"
    if kind in ("model_type", "dict_type"):
        keys = ", ".join(_fields(model, path))
        return f"{where or 'the whole'}: {shown(value)} is not a mapping; write keys of {keys or 'names'}"
    if kind == "string_pattern_mismatch":
        letters, most = ("letters", 128) if problem["ctx"]["pattern"] == guard.ID else ("lower-case letters", 64)
        return f"{where}: {shown(value)} is not allowed; use {letters}, digits, - and _, at most {most}"
    return f"{where}: {shown(value)} is not allowed ({problem['msg'][0].lower()}{problem['msg'][1:]}); change it"


def _fields(model: type[BaseModel], path: list[str]) -> list[str]:
    """Return the keys allowed at `path`; none where it is no mapping of fixed keys."""
    for part in path:
        field = model.model_fields.get(part)
        inner = _model_of(field.annotation) if field is not None else None
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is None:
        return None
    return next((m for m in map(_model_of, get_args(annotation)) if m is not None), None)


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
