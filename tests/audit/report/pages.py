"""Reads a report page as a screen reader does: text, tables, what is labelled, what is not closed."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "img", "input", "line", "rect", "circle", "br"}


class Reader(HTMLParser):
    """Tables (id -> rows of cell texts), ids, headings, scripts, and whether elements close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.cell: list[str] | None = None
        self.open: list[str] = []
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.scripts: list[tuple[dict[str, Any], str]] = []
        self.captions = self.heads = self.plain_heads = 0
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        known = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(known)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in known:
            self.ids.append(known["id"])
        if tag == "a":
            self.links.append(known["href"])
        if tag in ("h1", "h2", "h3", "h4"):
            self.levels.append(int(tag[1]))
        if tag == "table":
            self.rows = []
            self.tables[known.get("id", f"table {len(self.tables)}")] = self.rows
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = []
            self.heads += tag == "th"
            self.plain_heads += tag == "th" and "scope" not in known
        elif tag == "caption":
            self.captions += 1
        elif tag == "script":
            self.scripts.append((known, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.pop() == tag
        if tag in ("td", "th") and self.cell is not None:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self.cell is not None:
            self.cell.append(data)
