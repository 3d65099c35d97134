"""The page around a report: templates, escaping, policy, and the one script and style sheet that it carries."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from facegen.audit.report import scales, words

TEMPLATES = Path(__file__).parent / "templates"
PICTURE_BYTES = 4_500_000
"""Most bytes of pictures in one page: with base64, plotly.js and the tables it stays under 10 MB."""


@cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    env.filters |= {
        "label": words.label, "named": words.named, "word": words.word, "integer": words.integer, "percent": words.percent,
        "worded": lambda value, attribute: words.worded(attribute, value), "number": words.number,
        "signed": words.signed, "points": words.points, "chance": words.chance, "interval": words.interval,
        "pattern": words.pattern,
    }  # fmt: skip
    env.globals |= {"records": words.records, "level_words": words.LEVELS}
    return env


def render(template: str, title: str, figures: Mapping[str, Mapping[str, Any]], **context: Any) -> str:
    """Return the page: `template` filled with `context`, `figures` (id -> plotly figure) as data for the script.

    Every value is escaped by the templates. Scripts are allowed by their hashes alone, so that nothing else runs, whatever a
    label says; nothing may be loaded.
    """
    scripts = [_text("report.js")]
    if figures:
        scripts.insert(0, _text("plotly.js"))
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    return _environment().get_template(template).render(
        title=title,
        policy=Markup(policy),
        style=Markup(_text("report.css").replace("/*SCALES*/", scales.css())),
        scripts=[Markup(s) for s in scripts],
        figures=_json(figures),
        **context,
    )  # fmt: skip


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").strip()


def _json(value: Any) -> Markup:
    """Return JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def pictures_that_fit(pictures: Mapping[str, bytes] | None, order: Sequence[str]) -> tuple[dict[str, str], int]:
    """Return (key -> data address in `order`, number left out because the page would grow past its bound)."""
    found: dict[str, str] = {}
    used = left = 0
    for key in order:
        data = (pictures or {}).get(key)
        if data is None:
            continue
        if used + len(data) > PICTURE_BYTES:
            left += 1
            continue
        used += len(data)
        kind = "png" if data[:4] == b"\x89PNG" else "jpeg"
        found[key] = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return found, left
