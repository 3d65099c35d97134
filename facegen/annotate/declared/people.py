"""The columns of identities.parquet and sittings.parquet. What labels.parquet repeats of them is declared there."""

from facegen.annotate.columns import STR, Column
from facegen.annotate.declared.person import PERSON

_IDENTITY = (
    "schema_version", "identity_id", "sex", "sex_value", "ancestry", "ancestry_weights", "skin_monk", "skin_L", "skin_a",
    "skin_b", "iris_color", "hair_color", "hair_curl",
)  # fmt: skip
_SITTING = (
    "schema_version", "sitting_id", "identity_id", "age_years", "age_band", "body_fat", "hair_style", "hair_grey", "beard",
)  # fmt: skip
IDENTITIES: dict[str, Column] = {
    **{name: PERSON[name] for name in _IDENTITY},
    "identity": Column(STR, "", "", "JSON", "the whole Identity, as in sample"),
}
SITTINGS: dict[str, Column] = {
    **{name: PERSON[name] for name in _SITTING},
    "eyewear": Column(STR, "", "", "", "the person's own glasses, 'none' without; a shot may leave them off"),
    "sitting": Column(STR, "", "", "JSON", "the whole Sitting, as in sample"),
}
