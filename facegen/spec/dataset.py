"""DatasetSpec and its parts. Frozen; unknown keys, impossible populations and contradictions are refused in one line."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from facegen.errors import did_you_mean
from facegen.sample import Model, Seed, Unit
from facegen.spec import names
from facegen.spec.reading import one_line, read_yaml
from facegen.spec.values import SHARE_TOLERANCE, Categorical, Numeric

ADULT = 18
OLDEST = 85
YOUNGEST = 4
BALANCEABLE = ("sex", "age_band", "ancestry", "skin_monk", "eye_color", "hair_color", "hair_curl")
DEFAULT_BALANCE = ("sex", "age_band", "ancestry")
MAX_CELLS = 100_000
TABLE_WORDS = {
    "skin_monk": "by_ancestry",
    "eye_color": "by_ancestry",
    "hair_color": "by_ancestry",
    "hair_curl": "by_ancestry",
    "hair_style": "by_sex",
    "beard": "by_age",
    "makeup": "by_sex",
}
"""The word that stands for the declared table of an attribute (assets/population)."""


def within(low: float, high: float) -> Any:
    """Return the type of a Numeric whose limits must lie in low..high."""

    def check(value: Numeric) -> Numeric:
        a, b = value.limits
        if a < low or b > high:
            raise ValueError(f"{a:g}..{b:g} leaves the allowed {low:g}..{high:g}; narrow it")
        return value

    return Annotated[Numeric, AfterValidator(check)]


def band_limits(band: str) -> tuple[int, int]:
    """Return the first and last whole year of an age band written '30-39'."""
    found = re.fullmatch(r"(\d{1,3})-(\d{1,3})", band)
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f"age_band: '{band}' is not 'low-high' in whole years; write for example '30-39'")
    return int(found[1]), int(found[2])


class Outputs(Model):
    """Pictures written beside the photographs."""

    aligned: bool = False
    masks: bool = True
    under: bool = False
    """Region maps without what can be taken off or put down, beside the masks: what is under glasses, mask, hand..."""
    depth: bool = False
    normals: bool = False
    clean: bool = False


class Population(Model):
    """Who. Each attribute is fixed (a word), even (a list), weighted (a mapping) or follows its declared table."""

    sex: Categorical = Categorical(["female", "male"])
    age_band: Categorical = Categorical(["18-29", "30-39", "40-49", "50-59", "60-69", "70-85"])
    later_sittings: Literal["other_bands", "same_band"] = "other_bands"
    age_span_years: within(0, OLDEST - YOUNGEST) | None = None  # type: ignore[valid-type]
    children: bool = False
    ancestry: Categorical = Categorical(["african", "east_asian", "south_asian", "european"])
    mixtures: dict[str, dict[str, float]] = Field(default_factory=dict)
    skin_monk: Categorical = Categorical("by_ancestry")
    eye_color: Categorical = Categorical("by_ancestry")
    hair_color: Categorical = Categorical("by_ancestry")
    hair_curl: Categorical = Categorical("by_ancestry")
    hair_style: Categorical = Categorical("by_sex")
    beard: Categorical = Categorical("by_age")
    makeup: Categorical = Categorical("by_sex")
    body_fat: within(0, 1) = Numeric({"uniform": [0.05, 0.95]})  # type: ignore[valid-type]
    body_fat_change: Annotated[float, Field(ge=0, le=0.5)] = 0.06
    tan: within(0, 1) = Numeric({"normal": {"mean": 0.15, "sd": 0.15, "min": 0.0, "max": 0.6}})  # type: ignore[valid-type]
    glasses: Unit = 0.35
    balance: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _words(self) -> Population:
        presets = names.ancestries()
        for name, weights in self.mixtures.items():
            _check_mixture(name, weights, presets)
        allowed = {
            "sex": names.SEXES,
            "ancestry": (*presets, *self.mixtures),
            "skin_monk": names.TONES,
            "eye_color": names.EYE_COLORS,
            "hair_color": names.HAIR_COLORS,
            "hair_curl": names.CURLS,
            "hair_style": names.hair_styles(),
            "beard": names.BEARDS,
            "makeup": names.MAKEUPS,
        }
        for field, words in allowed.items():
            names.check(field, getattr(self, field).names, words, TABLE_WORDS.get(field))
        return self

    @model_validator(mode="after")
    def _ages(self) -> Population:
        bands = sorted((band_limits(band), band) for band in self.age_band.names)
        for (low, high), band in bands:
            if low < YOUNGEST or high > OLDEST:
                raise ValueError(f"age_band: '{band}' leaves {YOUNGEST}-{OLDEST} years; narrow it")
            if low < ADULT and not self.children:
                raise ValueError(f"age_band: '{band}' holds children; start it at {ADULT} or set 'children: true'")
        for (first, a), (second, b) in itertools.pairwise(bands):
            if second[0] <= first[1]:
                raise ValueError(f"age_band: '{a}' and '{b}' overlap; let each year belong to one band")
        return self

    @model_validator(mode="after")
    def _span(self) -> Population:
        if self.age_span_years is None:
            return self
        if self.later_sittings == "same_band":
            raise ValueError("age_span_years: contradicts 'later_sittings: same_band'; leave one of them out")
        bands = sorted(band_limits(band) for band in self.age_band.names)
        if any(second[0] > first[1] + 1 for first, second in itertools.pairwise(bands)):
            raise ValueError("age_span_years: the age bands leave a gap that a later sitting may fall into; close it")
        years = (bands[-1][1] + 1 - bands[0][0]) / 2
        if self.age_span_years.limits[1] > years:
            raise ValueError(
                f"age_span_years: {self.age_span_years.limits[1]:g} years do not fit on one side of every age in "
                f"{bands[0][0]}-{bands[-1][1]}; at most {years:g}"
            )
        return self

    @model_validator(mode="after")
    def _contradictions(self) -> Population:
        bearded = self.beard.names != (TABLE_WORDS["beard"],) and "none" not in self.beard.names
        if bearded and "female" in self.sex.names:
            raise ValueError(f"beard: '{self.beard.names[0]}' for everybody, but sex allows female; fix the sex or allow 'none'")
        if bearded and any(band_limits(band)[0] < ADULT for band in self.age_band.names):
            raise ValueError(
                f"beard: '{self.beard.names[0]}' for everybody, but age_band allows children; allow 'none' or adults only"
            )
        cells = 1
        for attribute in self.balanced:
            self._check_balanced(attribute)
            cells *= len(getattr(self, attribute).names)
        if cells > MAX_CELLS:
            raise ValueError(f"balance: {cells} cells are more than {MAX_CELLS}; balance fewer attributes")
        return self

    def _check_balanced(self, attribute: str) -> None:
        if attribute not in BALANCEABLE:
            raise ValueError(f"balance: {did_you_mean(attribute, BALANCEABLE)}")
        declared: Categorical = getattr(self, attribute)
        if self.balance is None:
            return
        if self.balance.count(attribute) > 1:
            raise ValueError(f"balance: '{attribute}' is listed twice; list it once")
        if declared.names == (TABLE_WORDS.get(attribute),):
            raise ValueError(f"balance: '{attribute}' follows the table of each ancestry; list its categories to balance it")
        if declared.word is not None:
            raise ValueError(
                f"balance: '{attribute}' is fixed to '{declared.word}'; list two or more categories, or drop it from balance"
            )
        if not declared.even:
            raise ValueError(
                f"balance: '{attribute}' has uneven shares; list its categories without shares, or drop it from balance"
            )

    @property
    def balanced(self) -> tuple[str, ...]:
        """The attributes whose full cross is visited evenly: as asked, else sex, age band and ancestry where they are even."""
        if self.balance is not None:
            return self.balance
        return tuple(a for a in DEFAULT_BALANCE if getattr(self, a).word is None and getattr(self, a).even)


def _check_mixture(name: str, weights: dict[str, float], presets: tuple[str, ...]) -> None:
    if name in presets:
        raise ValueError(f"mixtures: '{name}' is already a preset; choose another name")
    names.check(f"mixtures.{name}", tuple(weights), presets)
    total = sum(weights.values())
    if not weights or min(weights.values()) < 0 or abs(total - 1) > SHARE_TOLERANCE:
        raise ValueError(f"mixtures.{name}: the shares sum to {total:g}, not 1; write shares of presets that sum to 1")


IN_HAND = ("hand", "phone", "microphone", "cup", "paper")
"""What is before the face one at a time: their chances add up."""


class WearShares(Model):
    """Chance of each thing in one shot, the same for everybody. `own_glasses`: chance that owners of glasses wear them; `shadow`
    shows where the light has a key that casts it, `hair_veil` on those whose hair is long enough."""

    own_glasses: Unit = 0.8
    other_glasses: Unit = 0.04
    sunglasses: Unit = 0.03
    mask: Unit = 0.04
    headwear: Unit = 0.08
    scarf: Unit = 0.06
    hand: Unit = 0.05
    phone: Unit = 0.03
    microphone: Unit = 0.015
    cup: Unit = 0.02
    paper: Unit = 0.015
    hair_veil: Unit = 0.03
    second_head: Unit = 0.03
    rain: Unit = 0.02
    shadow: Unit = 0.10

    @model_validator(mode="after")
    def _one_at_a_time(self) -> WearShares:
        total = sum(getattr(self, name) for name in IN_HAND)
        if total > 1 + SHARE_TOLERANCE:
            raise ValueError(
                f"wear: {', '.join(IN_HAND)} sum to {total:g}, but one of them is held at a time; let them sum to 1 at most"
            )
        return self


def _bell(sd: float, limit: float, mean: float = 0.0) -> Numeric:
    return Numeric({"normal": {"mean": mean, "sd": sd, "min": mean - limit, "max": mean + limit}})


class Shots(Model):
    """How each picture is taken; independent of who is in it."""

    expression: Categorical = Categorical(names.ANY)
    expression_strength: within(0, 1) = Numeric({"uniform": [0.35, 1.0]})  # type: ignore[valid-type]
    gaze: Categorical = Categorical({"camera": 0.7, "ahead": 0.18, "away": 0.12})
    yaw_deg: within(-90, 90) = _bell(18, 60)  # type: ignore[valid-type]
    pitch_deg: within(-60, 60) = _bell(8, 30)  # type: ignore[valid-type]
    roll_deg: within(-90, 90) = _bell(6, 25)  # type: ignore[valid-type]
    camera: Categorical = Categorical(names.ANY)
    distance_m: within(0.3, 20) | None = None  # type: ignore[valid-type]
    head_fraction: within(0.1, 1.2) = Numeric({"normal": {"mean": 0.58, "sd": 0.06, "min": 0.45, "max": 0.7}})  # type: ignore[valid-type]
    offset: within(-0.5, 0.5) = _bell(0.02, 0.06)  # type: ignore[valid-type]
    light: Categorical = Categorical(names.ANY)
    environments: str | None = None
    background: Categorical = Categorical(names.ANY)
    backgrounds: str | None = None
    degradation: Categorical = Categorical("wild")
    wear: WearShares = WearShares()

    @model_validator(mode="after")
    def _words(self) -> Shots:
        names.check("gaze", self.gaze.names, names.GAZES)
        for field, allowed in (
            ("expression", names.expressions),
            ("camera", names.cameras),
            ("light", names.environments),
            ("background", names.backgrounds),
            ("degradation", names.degradations),
        ):
            if getattr(self, field).names != (names.ANY,):
                names.check(field, getattr(self, field).names, allowed(), names.ANY)
        if "file" in self.light.names and self.environments is None:
            raise ValueError("light: 'file' needs a folder of panoramas; set 'environments: DIR' beside it")
        if "picture" in self.background.names and self.backgrounds is None:
            raise ValueError("background: 'picture' needs a folder of pictures; set 'backgrounds: DIR' beside it")
        return self


class DatasetSpec(Model):
    """One dataset. `date` is the day written into the files: nothing reads a clock."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    seed: Seed
    date: datetime.date
    identities: Annotated[int, Field(ge=1, le=999_999)]
    sittings_per_identity: Annotated[int, Field(ge=1, le=99)] = 1
    images_per_identity: Annotated[int, Field(ge=1, le=999)] = 1
    size: Annotated[int, Field(ge=32, le=2048)] = 256
    format: Literal["jpg", "png"] = "jpg"
    outputs: Outputs = Outputs()
    population: Population = Population()
    shots: Shots = Shots()

    @field_validator("seed", "identities", "sittings_per_identity", "images_per_identity", "size", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()) or isinstance(value, str):
            raise ValueError(f"{value!r} is not a whole number; write one without quotes")
        return value

    @model_validator(mode="after")
    def _enough(self) -> DatasetSpec:
        if self.images_per_identity < self.sittings_per_identity:
            raise ValueError(
                f"images_per_identity: {self.images_per_identity} images cannot show {self.sittings_per_identity} sittings; "
                "ask for at least one image a sitting"
            )
        if self.population.age_span_years is not None and self.sittings_per_identity == 1:
            raise ValueError("age_span_years: sittings_per_identity is 1, nobody is seen at another age; ask for 2 or more")
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

    def canonical_json(self) -> str:
        """The one text of this spec: defaults filled in, keys sorted, no spaces."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    def sha256(self) -> str:
        """Hex digest of the canonical JSON."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()
