"""What a camera is aimed at and how its lens is named: shared by who plans a picture and who stages it."""

from __future__ import annotations

import numpy as np

FRAME_MM = 24.0
"""Height of the frame that `focal_mm` is equivalent for: the long-established 24 x 36 mm format."""
FACE_CENTER = np.array([0.0, -0.03, 0.06])
"""The point of the head frame (m) that `center_x, center_y` of a camera place: below the eyes, on the face's surface."""
