"""What can truly be said of a dataset in words: one source for the card, the datasheet and croissant.json.

Every sentence is a function of the manifest. What facegen cannot know (who generated a set, for what, where it is published) is
said to be unknown, never filled in.
"""

from __future__ import annotations

from typing import Any

Manifest = dict[str, Any]

UNKNOWN = "Not known to facegen: whoever generated the dataset knows."
COLLECTION = (
    "Nothing was collected from people. Every person is drawn from declared distributions and rendered from a parametric 3D head "
    "(MakeHuman / MPFB2 meshes, CC0, made by artists); skin, hair, eyes, clothes, light and camera are computed from numbers. No "
    "photograph, scan or recording of anyone and no model trained on faces went into the people in the pictures."
)
ANNOTATION = (
    "Labels are the parameters and the geometry that each picture was rendered from (points, boxes, regions, depth, pose, "
    "attributes): nobody annotated anything and no detector was asked.",
    "Columns named apparent_* and the ofiq_* scores whose source is 'pixels' are measured on the picture under its region map.",
    "Where on the mesh MediaPipe's points and the five points of the ArcFace crop lie was fitted once, on renders, with its "
    "detector (assets/landmarks); no picture of the set was shown to it.",
)
MEANINGS = (
    "Sex is the head model's gender axis, recorded as a number and a class; people beyond the two are not represented.",
    "Ancestry names an appearance preset of the head model, not an ethnicity, a nationality or a self-description.",
    "skin_monk is the rank of the albedo anchor that the skin was made from, not an apparent tone.",
    "Age is a parameter of head and skin; how old a face looks to people was not measured.",
)
USES = (
    "Training and testing face detection, landmarks, parsing, pose, gaze and recognition, together with photographs.",
    "Counterfactual and coverage audits, where one factor must change while the others stay.",
    "Augmenting groups and conditions that collected sets lack.",
)
MISUSES = (
    "Deciding about a person on the strength of a model that was tried on rendered faces alone.",
    "Inferring ethnicity, character or worth from a face: the labels name presets of a model.",
    "Taking balance over presets for evidence that a system treats people alike.",
)
CLAIMS = (
    "Over the declared categories the counts are as the manifest lists them, zeros included.",
    "On renders, changing one factor alone moved a system's score by so much (counterfactual pairs, with intervals).",
)
NO_CLAIMS = (
    "That a system is fair, or unfair to people: a shift on renders is not evidence of a real-world differential.",
    "That a group is harder to recognise: a preset may only be drawn worse.",
    "That the data are unbiased because they are balanced: they are, over what was declared, as it was declared.",
)
SENSITIVE = (
    "No personal data: no picture shows a person who exists, and no label describes one. The claim is 'derived from "
    "no real person', never 'resembles no one': an invented face can look like somebody.",
    "Sensitive attributes (sex, age, ancestry preset, skin tone) are recorded, as parameters of invented people.",
)
SOCIAL_IMPACT = (
    "It lets detectors and recognisers be trained and audited without collecting anyone's face. It can also make recognition "
    "better, wherever that is used; and rendered people can hide how a system fails on photographs of real ones."
)
MAINTENANCE = (
    "The dataset is a function of its spec, seed and facegen version: it is never patched in place. A correction is a new "
    "version of facegen and a new generation, whose manifest says which; `facegen verify` tells whether a copy is whole."
)


def claim(manifest: Manifest) -> str:
    """Return the sentence on where the people come from; the user's own pictures are said to be in it where they are."""
    if not manifest.get("user_files"):
        return "Every person is invented; the data are derived from no real person."
    return (
        f"Every person in the foreground is invented. {len(manifest['user_files'])} pictures of the user's own (backgrounds or "
        "light) are in it: what they show, and under which licence, is not known to facegen."
    )


def sensitive(manifest: Manifest) -> list[str]:
    """Return what of it is personal; the user's own pictures may show anybody."""
    if not manifest.get("user_files"):
        return list(SENSITIVE)
    return ["The user's own pictures behind the people may show persons who exist; facegen did not look.", *SENSITIVE[1:]]


def biases(manifest: Manifest) -> list[str]:
    """Return how the people were spread, what is missing, and what else leans one way."""
    level = manifest["levels"]["image"]
    balanced = manifest["balanced"]
    spread = " x ".join(balanced) if balanced else "nothing"
    said = [f"Shares are declared, not drawn from any population of people; balanced over {spread}."]
    for name, marginal in level["marginals"].items():
        absent = [word for word, count in marginal["counts"].items() if count == 0 and marginal["target"][word] > 0]
        if absent:
            said.append(f"{name}: declared, but in no picture: {', '.join(absent)}.")
        only = [word for word, share in marginal["target"].items() if share > 0]
        if len(only) == 1:
            said.append(f"{name}: everybody is '{only[0]}'.")
    worst = _strongest(manifest["independence"])
    if worst is not None:
        said.append(
            "Of the factors that should say nothing about who is shown, the strongest association is {} with {} "
            "(Cramer's V {:.2f}, corrected for chance and for pictures that share a person).".format(*worst)
        )
    return [*said, *MEANINGS]


def limitations(manifest: Manifest) -> list[str]:
    """Return what the pictures are not."""
    said = [
        "The people are rendered: what a model learns here must be tried on photographs before it is relied on.",
        "At close range faces read as rendered; video, disabilities, injuries and most medical conditions are not in the model.",
        "Garments and headwear come to everybody alike, so that nothing worn says who wears it; people do not dress so.",
        f"Pictures are {manifest['spec']['size']} x {manifest['spec']['size']} px, one labelled face each.",
    ]
    lost = len(manifest["rejections"])
    if lost:
        said.append(f"{lost} planned pictures could not be made; manifest.json names them and why, rejected/ holds them.")
    return said


def missing(manifest: Manifest) -> str:
    """Return what of the plan is not there."""
    counts = manifest["counts"]
    lost = len(manifest["rejections"])
    if not lost:
        return f"Nothing: all {counts['planned_images']} planned pictures are there."
    return f"{lost} of {counts['planned_images']} planned pictures, named with reasons in manifest.json, counted by group there."


def licence_lines(manifest: Manifest) -> list[str]:
    """Return one line a licence."""
    return [f"{name}: {licence}" for name, licence in manifest["licences"].items()]


def _strongest(independence: dict[str, Any]) -> tuple[str, str, float] | None:
    found = [
        (factor, attribute, float(value["cramers_v_corrected"]))
        for factor, by in independence.items()
        for attribute, value in by.items()
        if value.get("cramers_v_corrected") is not None
    ]
    return max(found, key=lambda f: f[2]) if found else None
