"""The verb audit: who is in a set, ours or somebody's; sets compared; a spec that fills a set's holes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from facegen.cli.app import app, writable
from facegen.errors import RequestError, page
from facegen.guard import FACES

if TYPE_CHECKING:
    from facegen.audit.crosswalk import Crosswalk
    from facegen.audit.tables import Loaded

ONE = "set"


class _Verbs(TyperGroup):
    """`facegen audit PATH` is short for `facegen audit set PATH`; a path that is called like a verb is written ./compare."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [ONE, *args]
        return super().parse_args(ctx, args)


audit = typer.Typer(
    cls=_Verbs,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Who is in a set of faces: audit PATH, compare, remedy; what a score makes of pairs: counterfactual.",
)
app.add_typer(audit, name="audit")

Any_ = Annotated[Path, typer.Argument(metavar="PATH", help="finished dataset, or the label files of another set (docs/audit.md)")]
Format = Annotated[str | None, typer.Option("--format", help="of the labels; found out when left out (docs/audit.md lists them)")]
MappingFile = Annotated[Path | None, typer.Option("--mapping", help="YAML that says what the columns of a table mean")]
Html = Annotated[Path | None, typer.Option("--out", help="report to write, one HTML file")]
AsJson = Annotated[Path | None, typer.Option("--json", help="write the tables as JSON too")]
Walk = Annotated[Path | None, typer.Option("--crosswalk", help="JSON that lays categories beside each other, instead of ours")]
Least = Annotated[int, typer.Option("--tau", min=1, max=FACES, help="images that a group should have")]


@audit.command(ONE)
def one(
    path: Any_,
    format: Format = None,
    mapping: MappingFile = None,
    out: Html = None,
    as_json: AsJson = None,
    detector: Annotated[bool, typer.Option("--detector", help="how MediaPipe sees each group, instead of coverage")] = False,
    scores: Annotated[
        Path | None, typer.Option("--scores", help="JSON of --detector: its scores are judged by group as well")
    ] = None,
    max_yaw: Annotated[
        float | None, typer.Option(min=0, help="with --detector: only pictures within this |yaw|, degrees")
    ] = None,
) -> None:
    """Say who is in a set, against what it declares."""
    if max_yaw is not None and not detector:
        raise RequestError("--max-yaw goes with --detector; add it")
    if scores is not None and detector:
        raise RequestError("--scores are those of an earlier --detector; leave one of them out")
    writable(out, as_json, reads=(path, mapping, scores))
    if detector:
        if format is not None or mapping is not None or out is not None:
            raise RequestError(
                "--detector looks at one of our datasets and has no report; leave out --format, --mapping and --out"
            )
        from facegen.audit import detector as room
        from facegen.audit import detector_text
        from facegen.dataset.read import Dataset

        found = room.audit(Dataset.open(path), max_yaw)
        text = detector_text.render(found)
    else:
        from facegen.audit.sets import load, ours
        from facegen.audit.tables import audit as tables
        from facegen.audit.text import audit_text

        loaded = load(path, format, mapping)
        if scores is not None:
            if loaded.format != "facegen":
                raise RequestError("--scores are those of one of our datasets; leave them out")
            loaded = ours.read(path, scores)
        found = tables(loaded)
        text = audit_text(found)
        if out is not None:
            report("audit_html", found, out, _pictures(loaded, path))
    _save_json(as_json, found)
    print(text, end="")


@audit.command()
def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="A B ...", help="two sets or more, in any formats")],
    format: Annotated[
        list[str] | None,
        typer.Option("--format", help="of the labels, one for each set in order, or auto; found out when left out"),
    ] = None,
    mapping: Annotated[
        list[Path] | None, typer.Option("--mapping", help="mapping file of the next set that --format calls a table")
    ] = None,
    out: Html = None,
    as_json: AsJson = None,
    tau: Least = 30,
    crosswalk: Walk = None,
) -> None:
    """Lay sets beside each other: shares, distances, and whom only one of them covers."""
    from facegen.audit.compare import compare as run
    from facegen.audit.text import compare_text

    writable(out, as_json, reads=(*paths, *(mapping or ()), crosswalk))
    sets = _load_all(paths, format or [], mapping or [])
    found = run(sets, _crosswalk(crosswalk), tau)
    if out is not None:
        pictures = [_pictures(loaded, path) for loaded, path in zip(sets, paths, strict=True)]
        report("compare_html", found, out, next((p for p in pictures if p), None))
    _save_json(as_json, found)
    print(compare_text(found), end="")


@audit.command()
def remedy(
    path: Any_,
    out: Annotated[Path | None, typer.Option("--out", help="spec to write (YAML); printed when left out")] = None,
    tau: Least = 30,
    attributes: Annotated[str | None, typer.Option(help="only these, separated by commas")] = None,
    depth: Annotated[
        int | None, typer.Option(min=1, help="look at groups of up to so many attributes at once; all when left out")
    ] = None,
    children: Annotated[bool, typer.Option("--children", help="ask for people under 18 as well")] = False,
    format: Format = None,
    mapping: MappingFile = None,
    crosswalk: Walk = None,
) -> None:
    """Write a spec whose renders fill the holes of a set."""
    from facegen.audit import remedy as room
    from facegen.audit.sets import load
    from facegen.dataset.write import write_atomic

    writable(out, reads=(path, mapping, crosswalk))
    loaded = load(path, format, mapping)
    chosen = [name.strip() for name in attributes.split(",")] if attributes is not None else []
    found = room.remedy(loaded, tau, chosen, depth, children, _crosswalk(crosswalk))
    if found.spec is None:
        said = f"{loaded.name}: nothing to render; {found.holes} groups have fewer than {tau} images"
        print(page([said, *found.notes]), end="")
        return
    written = room.text(found, loaded.name)
    if out is None:
        print(written, end="")
        return
    write_atomic(out, written.encode(), out.parent)
    print(page([f"{out}: {found.people} people for {found.holes} groups with fewer than {tau} images", *found.notes]), end="")


def _load_all(paths: list[Path], formats: list[str], mappings: list[Path]) -> list[Loaded]:
    from facegen.audit.sets import TABLE, load

    if formats and len(formats) != len(paths):
        raise RequestError(f"{len(formats)} times --format for {len(paths)} sets; give one for each, or 'auto'")
    said = [None if name == "auto" else name for name in formats] or [None] * len(paths)
    if said.count(TABLE) != len(mappings):
        raise RequestError(
            f"{len(mappings)} times --mapping for {said.count(TABLE)} sets with --format {TABLE}; give one for each"
        )
    files = iter(mappings)
    return [load(path, name, next(files) if name == TABLE else None) for path, name in zip(paths, said, strict=True)]


def _crosswalk(path: Path | None) -> Crosswalk:
    from facegen.audit.crosswalk import Crosswalk

    return Crosswalk.load(path)


def _pictures(loaded: Loaded, path: Path) -> dict[str, bytes] | None:
    """Return example faces of one of our datasets; None of other people's."""
    if loaded.format != "facegen":
        return None
    from facegen.audit.report.pictures import mosaic
    from facegen.dataset.read import Dataset

    return mosaic(Dataset.open(path if path.is_dir() else path.parent), loaded.declared.attributes)


def report(function: str, document: dict[str, Any], out: Path, pictures: dict[str, bytes] | None) -> None:
    from facegen.audit import report as room
    from facegen.dataset.write import write_atomic

    page: str = getattr(room, function)(document, pictures)
    write_atomic(out, page.encode(), out.parent)


def _save_json(path: Path | None, document: dict[str, Any]) -> None:
    from facegen.dataset.write import json_bytes, write_atomic

    if path is not None:
        write_atomic(path, json_bytes(document), path.parent)
