"""One image again from its sample, and a sheet of a spec's first faces: single-process uses of the studio."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from facegen import guard
from facegen.dataset import layout
from facegen.dataset.read import Dataset
from facegen.dataset.write import check_place, check_writable, json_bytes, write_atomic
from facegen.errors import FacegenError, RequestError, SpecError, did_you_mean
from facegen.population.plan import build
from facegen.run.worker import describe, finished, open_studio
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec
from facegen.spec.reading import one_line

FORMATS = ("jpg", "png")
ALL_OUTPUTS = {
    **dict.fromkeys(("aligned", "masks", "under", "depth", "normals", "clean", "amodal", "hair_alpha", "albedo", "uv", "parts",
                     "depth_exr", "mesh_hair"), True),
    "mesh": "glb", "crops": ("arcface", "ffhq", "loose"),
}  # fmt: skip
STUDIO = "facegen.run.studio:Studio"


def read_sample(path: Path) -> SampleSpec:
    """Return the SampleSpec in a JSON file. Raises SpecError, one line, for whatever is wrong with it."""
    from pydantic import ValidationError

    try:
        text = guard.read(path, guard.SPEC_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "not text")
        raise SpecError(f"'{path}' cannot be read ({why}); give a sample JSON, or an image id with --dataset") from None
    try:
        return SampleSpec.model_validate_json(text)
    except ValidationError as error:
        raise one_line(error, SampleSpec, str(path)) from None


def sample_of(dataset: Dataset, image_id: str) -> SampleSpec:
    """Return the sample of an image of the dataset, or of one that could not be made. Raises DataError for any other."""
    if any(entry["image_id"] == image_id for entry in dataset.manifest.get("rejections", [])):
        return read_sample(dataset.root / layout.REJECTED / f"{image_id}.json")
    return dataset.sample(image_id)


def render(sample: SampleSpec, spec: dict[str, Any], out: Path, platform: str, studio: str = STUDIO) -> list[Path]:
    """Render one sample alone into `out`, with the outputs of the dataset `spec` (its `format` and `outputs`), and its label row.

    Returns the files written; they are the bytes that the dataset holds.
    """
    if spec["format"] not in FORMATS:
        raise RequestError(f"format {did_you_mean(spec['format'], FORMATS)}")
    check_writable(out)
    shots, outputs = open_studio(studio, platform, spec)
    try:
        result = shot(shots, sample, outputs)
    finally:
        shots.close()
    files = finished(result.files, sample)
    files[f"labels/{sample.image_id}.json"] = json_bytes(result.row)
    for name, data in files.items():
        write_atomic(out / name, data, out)
    return [out / name for name in files]


def shot(shots: Any, sample: SampleSpec, outputs: Any) -> Any:
    """Return what the studio `shots` makes of a sample that came from outside: its words and numbers may fit no table of ours.

    Raises RequestError, one line, where they do not.
    """
    try:
        return shots.shoot(sample, outputs)
    except FacegenError:
        raise
    except Exception as error:
        raise RequestError(f"sample {sample.image_id} cannot be rendered ({describe(error)}); mend the sample") from None


def spec_of(dataset: Dataset | None, fmt: str) -> dict[str, Any]:
    """Return the format and outputs to render with: those of a dataset, or `fmt` and everything."""
    if dataset is None:
        return {"format": fmt, "outputs": ALL_OUTPUTS}
    return {"format": dataset.manifest["spec"].get("format", fmt), "outputs": dataset.manifest["spec"].get("outputs", {})}


def preview(
    spec: DatasetSpec, out: Path, rows: int, columns: int, platform: str, report: Callable[[int, int], None], studio: str = STUDIO
) -> int:
    """Write a PNG sheet of rows x columns pictures: the first shot of different people, then their next shots; of a
    counterfactual spec, each base followed by its variants. Returns how many: fewer where the spec has no more."""
    from facegen.dataset.sheet import encode, sheet

    plan = build(spec)
    shown = plan.sheet(rows * columns)
    count = len(shown)
    order = sorted(range(count), key=lambda i: shown[i])  # one person's shots stand together
    check_place(out)  # told before the work, not after
    shots, outputs = open_studio(studio, platform, {"format": "png", "outputs": {}})
    images: dict[int, Any] = {}
    try:
        for done, i in enumerate(order):
            report(done, count)
            images[i] = shots.shoot(plan.sample(shown[i]), outputs).image
    finally:
        shots.close()
    report(count, count)
    write_atomic(out, encode(sheet([images[i] for i in range(count)], columns, spec.size)), out.parent)
    return count
