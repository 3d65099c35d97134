"""Terms that a report uses, and the publications that they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facegen.measures import association, balance

OWN = {
    "declared": "Categories that the set, or its published format, says it has. Measures are taken over all of them, empty ones "
    "too: over those that happen to occur, a set that misses a group would look even.",
    "cell": "One category of every attribute together, for example female, 18-29, african.",
    "target": "The share that a category or cell was meant to have; even over the declared ones where nothing else is declared.",
    "interval": "95% interval of a share. It says how far the share of another set drawn the same way may lie from this one.",
    "uncovered": "A group with fewer records than the threshold, named by as few categories as possible: where all people of a "
    "tone are missing, that tone is named once and not every cell that holds it.",
    "thresholds": "1: present at all; 30: enough for a rate within about 30%; 100: enough to fit something to.",
    "local_z": "Standardised residual of one cell of factor by attribute: one in twenty lies beyond 1.96 by chance.",
    "hedges_g": "Difference of a group's mean from the rest's, in pooled standard deviations, corrected for small samples.",
    "p_holm": "p-value corrected for the number of comparisons (Holm's step-down).",
    "ita": "Individual typology angle, atan2(L* − 50, b*) in degrees: higher is lighter. Apparent is measured on the picture, "
    "intrinsic on the albedo.",
}
LONG = {
    "n": "records", "ens": "ENS, effective number", "sei": "SEI, evenness", "kl": "KL", "js": "JS", "tv": "TV",
    "chi2": "χ²", "chi2_p": "χ² p-value", "cramers_v": "Cramér's V", "cramers_v_corrected": "Cramér's V, corrected",
    "local_z": "local Z", "hedges_g": "Hedges' g", "p_holm": "p, Holm", "ita": "ITA", "simpson": "Simpson's D",
    "berger_parker": "Berger-Parker",
}  # fmt: skip
REFERENCES = (
    "Asudeh, Jin & Jagadish 2019, Assessing and remedying coverage for a given dataset (arXiv:1810.06742): uncovered groups.",
    "Dominguez-Catena, Paternain & Galar 2023, Metrics for dataset demographic bias (arXiv:2303.15889): evenness, V, local Z.",
    "Bergsma 2013, J. Korean Stat. Soc. 42:323-328: correction of Cramér's V.",
    "Wilson 1927, JASA 22:209-212: interval of a share.",
    "Hedges 1981, J. Educ. Stat. 6:107-128: effect size g. Holm 1979, Scand. J. Stat. 6:65-70: many comparisons.",
    "Monk 2019, Monk Skin Tone Scale; Chardon, Cretois & Hourseau 1991, Int. J. Cosmet. Sci. 13:191-208: ITA.",
    "Nunez, Anderton & Renslow 2018, PLOS ONE 13:e0199239: the colour scale cividis.",
)


def terms(given: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return term and meaning: the page's own words, then the document's `definitions`, or the package's where it has none."""
    listed = {**OWN, **(dict(given) or {**balance.DEFINITIONS, **association.DEFINITIONS})}
    return [
        {"term": LONG.get(name, name.replace("_", " ")), "means": _text(value)}
        for name, value in listed.items()
    ]  # fmt: skip


def _text(value: Any) -> str:
    return "; ".join(str(v) for v in value.values()) if isinstance(value, Mapping) else str(value)


def references() -> tuple[str, ...]:
    return REFERENCES
