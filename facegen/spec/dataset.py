"""DatasetSpec. Frozen; unknown keys, impossible populations and contradictions are refused in one line."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from facegen.errors import SpecError, shown
from facegen.sample import Model, Seed
from facegen.spec.counterfactual import Counterfactuals
from facegen.spec.population import Population
from facegen.spec.reading import one_line, read_yaml
from facegen.spec.shots import Shots

ROWS_PER_FILE = 50_000
"""Rows of a label file at most, unless a spec says otherwise: about 200 MB."""


class Outputs(Model):
    """Pictures written beside the photographs."""

    aligned: bool = False
    masks: bool = True
    under: bool = False
    """Region maps without what can be taken off or put down, beside the masks: what is under glasses, mask, hand..."""
    depth: bool = False
    normals: bool = False
    clean: bool = False
    points: tuple[Literal["478", "dense"], ...] = ()
    """Large tables of landmarks, one npz a picture: MediaPipe's mesh, every vertex of the head."""
    amodal: bool = False
    """Region maps without hair, beard and what can be taken off: skin, eyes, brows and mouth as they lie beneath."""
    hair_alpha: bool = False
    albedo: bool = False
    uv: bool = False
    parts: bool = False
    depth_exr: bool = False
    mesh: Literal["none", "ply", "glb"] = "none"
    mesh_hair: bool = False
    """Whether the mesh holds the ribbons of hair, beard, brows and lashes too."""
    crops: tuple[Literal["arcface", "ffhq", "loose"], ...] = ()

    @field_validator("points", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        """YAML reads 478 as a number."""
        if not isinstance(value, (list, tuple)):
            return value
        names = [str(name) if isinstance(name, int) and not isinstance(name, bool) else name for name in value]
        if len(set(map(str, names))) < len(names):
            raise ValueError(f"{value!r} names a table twice; name each of 478 and dense once")
        return names

    @model_validator(mode="after")
    def _meant(self) -> Outputs:
        if len(set(self.crops)) < len(self.crops):
            raise ValueError(f"crops: {list(self.crops)} names a crop twice; name each of arcface, ffhq and loose once")
        if self.mesh_hair and self.mesh == "none":
            raise ValueError("mesh_hair: true without a mesh; ask for mesh: ply or glb as well")
        return self


class Depth(Model):
    """A mix of people seen often and people seen a few times: the share `deep` of the identities gets `deep_images` pictures."""

    deep: Annotated[float, Field(gt=0, lt=1, strict=True)]
    deep_images: Annotated[int, Field(ge=2, le=999, strict=True)]


class DatasetSpec(Model):
    """One dataset. `date` is the day written into the files: nothing reads a clock."""

    kind: Literal["dataset", "counterfactual"] = "dataset"
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    seed: Seed
    date: datetime.date
    identities: Annotated[int, Field(ge=1, le=999_999)]
    sittings_per_identity: Annotated[int, Field(ge=1, le=99)] = 1
    images_per_identity: Annotated[int, Field(ge=1, le=999)] = 1
    depth: Depth | None = None
    size: Annotated[int, Field(ge=32, le=2048)] = 256
    format: Literal["jpg", "png"] = "jpg"
    layout: Literal["files", "webdataset"] = "files"
    """Pictures as files in folders, or the files of each task in one tar."""
    rows_per_file: Annotated[int, Field(ge=1, strict=True)] = ROWS_PER_FILE
    """A set with more images than this has its label table in several files."""
    without: tuple[Literal["bone_spread", "shadows", "skin_detail"], ...] = ()
    """Parts of the world left out, to measure what they are worth: population/without.py."""
    outputs: Outputs = Outputs()
    population: Population = Population()
    shots: Shots = Shots()
    counterfactual: Counterfactuals | None = None

    @field_validator("seed", "identities", "sittings_per_identity", "images_per_identity", "size", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()) or isinstance(value, str):
            raise ValueError(f"{value!r} is not a whole number; write one without quotes")
        return value

    @field_validator("date", mode="before")
    @classmethod
    def _day(cls, value: Any) -> Any:
        clock = value.time() if isinstance(value, datetime.datetime) else datetime.time()
        if isinstance(value, datetime.date) and clock == datetime.time():
            return datetime.date(value.year, value.month, value.day)
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            with contextlib.suppress(ValueError):
                return datetime.date.fromisoformat(value)
        raise ValueError(f"{value if isinstance(value, datetime.date) else shown(value)} is no day; write it as 2026-01-31")

    @field_validator("without")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError(f"{list(value)} names a part twice; name each of bone_spread, shadows and skin_detail once")
        return tuple(sorted(value))

    @model_validator(mode="after")
    def _enough(self) -> DatasetSpec:
        if self.images_per_identity < self.sittings_per_identity:
            raise ValueError(
                f"images_per_identity: {self.images_per_identity} images cannot show {self.sittings_per_identity} sittings; "
                "ask for at least one image a sitting"
            )
        if self.depth is not None and self.depth.deep_images <= self.images_per_identity:
            raise ValueError(
                f"depth: deep_images {self.depth.deep_images} is not above images_per_identity {self.images_per_identity}; "
                "give deep identities more, or leave depth out"
            )
        self._check_later_sittings()
        if self.population.age_span_years is not None and self.sittings_per_identity == 1:
            raise ValueError("age_span_years: sittings_per_identity is 1, nobody is seen at another age; ask for 2 or more")
        return self

    def _check_later_sittings(self) -> None:
        """A joint target that holds age says nothing true of later sittings in which people change their band."""
        design = self.population.design
        if design is None or "age_band" not in design.attributes or self.sittings_per_identity == 1:
            return
        if self.population.age_span_years is not None:
            raise ValueError(
                "population.age_span_years: moves later sittings out of the designed age_band; "
                "leave age_band out of design.attributes, or age_span_years out"
            )
        if self.population.later_sittings == "other_bands" and len(self.population.age_band.names) > 1:
            raise ValueError(
                "population.later_sittings: other_bands moves later sittings out of the designed age_band; "
                "write 'later_sittings: same_band', or leave age_band out of design.attributes"
            )

    @model_validator(mode="after")
    def _varied(self) -> DatasetSpec:
        if self.kind == "dataset" and self.counterfactual is not None:
            raise ValueError("counterfactual: belongs to 'kind: counterfactual'; write that at the top or leave the block out")
        if self.kind == "counterfactual":
            if self.counterfactual is None:
                raise ValueError(
                    "counterfactual: is missing in 'kind: counterfactual'; add it with 'factors: {skin_monk: [2, 8]}'"
                )
            if self.depth is not None:
                raise ValueError("depth: does not go with 'kind: counterfactual'; leave it out")
            self.counterfactual.check(self.population, self.shots)
        return self

    @classmethod
    def load(cls, path: str | Path) -> DatasetSpec:
        """Read a YAML spec. Raises SpecError, one line, for whatever is wrong with the path, the YAML or the values."""
        return cls.from_dict(read_yaml(Path(path)), source=str(path))

    @classmethod
    def from_dict(cls, values: Any, source: str = "spec") -> DatasetSpec:
        """Check plain values. Raises SpecError, one line starting with `source`."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise one_line(error, cls, source) from None
        except UnicodeEncodeError:
            raise SpecError(f"{source}: holds half of a UTF-16 character; write it whole or leave it out") from None

    def canonical_json(self) -> str:
        """The one text of this spec: defaults filled in, keys sorted, no spaces. What came later (`kind`, `counterfactual`,
        `depth`, `design`, `faults`, `layout`, `rows_per_file`, `without`) stands in it where it is declared: specs written
        before keep their text and hash."""
        values = self.model_dump(mode="json")
        top = ((values, key) for key in ("counterfactual", "depth", "without"))
        for held, key in (*top, (values["population"], "design"), (values["shots"], "faults")):
            if not held[key]:
                del held[key]
        for key, default in (("kind", "dataset"), ("layout", "files"), ("rows_per_file", ROWS_PER_FILE)):
            if values[key] == default:
                del values[key]
        return json.dumps(values, sort_keys=True, separators=(",", ":"))

    def sha256(self) -> str:
        """Hex digest of the canonical JSON."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()
