"""MediaPipe's face mesh: the only module that imports mediapipe (the script that fitted the landmark tables apart)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.errors import MachineError

Points = NDArray[np.float64]


def solutions() -> Any:
    """Return mediapipe.solutions. Raises MachineError where the package cannot be imported."""
    try:
        import mediapipe
    except ImportError as error:
        raise MachineError(f"mediapipe cannot be imported ({error}); pip install --no-deps -r requirements.lock") from None
    return mediapipe.solutions


@contextmanager
def face_mesh(confidence: float) -> Iterator[Callable[[NDArray[np.uint8]], Points | None]]:
    """Yield the function from an RGB picture (H, W, 3) to the mesh (468, 2) of the face in it, label pixels (origin at the outer
    corner of the top-left pixel), or None. `confidence`: least of MediaPipe's detection, 0 to 1."""
    with solutions().face_mesh.FaceMesh(static_image_mode=True, min_detection_confidence=confidence) as mesh:

        def look(image: NDArray[np.uint8]) -> Points | None:
            laid = mesh.process(image).multi_face_landmarks
            if not laid:
                return None
            points = np.array([(point.x, point.y) for point in laid[0].landmark], np.float64)
            return points * (image.shape[1], image.shape[0])

        yield look
