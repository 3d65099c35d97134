"""What the face does: 52 weights under ARKit's names, and FACS action units said from them."""

from facegen.annotate.columns import FLOATS, STR, Column

ARKIT = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
    "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft",
    "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft",
    "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
    "tongueOut",
)  # fmt: skip
"""Order of `expression_weights`: ARKit's 52 blend shapes by alphabet, as Unity lists them (MediaPipe has `_neutral` before them
and no tongueOut)."""
UNITS = (
    "AU1", "AU2", "AU4", "AU5", "AU6", "AU7", "AU9", "AU10", "AU12", "AU14", "AU15", "AU16", "AU17", "AU18", "AU20", "AU22",
    "AU24", "AU26", "AU28", "AU43", "AD19", "AD29", "AD30", "AD34",
)  # fmt: skip
"""Order of `action_units_right` and `action_units_left`."""

EXPRESSION = {
    "expression": Column(STR, "", "", "", "class: named preset that the weights were drawn about"),
    "expression_weights": Column(
        FLOATS,
        "",
        "",
        "52, each 0..1",
        "actions that posed the head, in the order of section Expression; eyeLook* follow gaze",
    ),
    "action_units_right": Column(
        FLOATS,
        "",
        "",
        "24, each 0..1",
        "FACS units of the person's right side, in the order of section Expression; 1 is the whole action",
    ),
    "action_units_left": Column(FLOATS, "", "", "24, each 0..1", "of the left side; units without sides say the same in both"),
}
