"""The columns of pairs.parquet and pairs.csv: which picture is a counterfactual of which."""

from facegen.annotate.columns import STR, Column
from facegen.annotate.declared.person import PERSON

PAIRS: dict[str, Column] = {
    "schema_version": PERSON["schema_version"],
    "base": Column(STR, "", "", "", "image_id of the base"),
    "variant": Column(STR, "", "", "", "image_id of its variant; each stands in the table once"),
    "factor": Column(STR, "", "", "", "the one thing that differs"),
    "from": Column(STR, "", "", "", "what the base has of it"),
    "to": Column(STR, "", "", "", "what the variant has"),
    "mediated": PERSON["mediated"],
    "identity_id": Column(STR, "", "", "", "of both"),
    **{name: Column(PERSON[name].type, "", "", PERSON[name].range, "of the base") for name in ("sex", "age_band", "ancestry",
                                                                                              "skin_monk")},
}  # fmt: skip
