"""YAML in, one-line errors out."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from facegen.errors import SpecError, did_you_mean

MAX_BYTES = 1_000_000
"""No spec is near a megabyte; a bigger file is a wrong path."""


class _Loader(yaml.SafeLoader):
    """Safe loader that refuses a key written twice and aliases (a few lines of them can grow without bound)."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "aliases are not allowed", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key '{key.value}' is written twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in the YAML file `path`; SpecError when it cannot be read or is none."""
    if path.is_dir():
        raise SpecError(f"{path}: is a directory; give the path of a YAML spec")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SpecError(f"{path}: is larger than {MAX_BYTES} bytes; give the path of a YAML spec")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError(f"{path}: no such file; give the path of a YAML spec, for example pipelines/demo.yaml") from None
    except UnicodeDecodeError:
        raise SpecError(f"{path}: is not UTF-8 text; give the path of a YAML spec") from None
    except OSError as error:
        raise SpecError(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from None
    try:
        values = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
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
    if kind == "missing":
        return f"'{where}' is missing; add it"
    if kind == "value_error":
        text = str(problem["ctx"]["error"])
        inside = text.split(":")[0].split(".")[0] in _fields(model, path)
        return f"{where}{'.' if inside and where else ''}{'' if inside or not where else ': '}{text}"
    if kind in ("model_type", "dict_type"):
        keys = ", ".join(_fields(model, path))
        return f"{where or 'the whole'}: {value!r} is not a mapping; write keys of {keys or 'names'}"
    if kind == "string_pattern_mismatch":
        return f"{where}: {value!r} is not allowed; use lower-case letters, digits, - and _, at most 64"
    return f"{where}: {value!r} is not allowed ({problem['msg'][0].lower()}{problem['msg'][1:]}); change it"


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
