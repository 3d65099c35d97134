"""MediaPipe's face detectors and face mesh: the only module that imports mediapipe (a script that fitted landmarks apart)."""

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


DETECTORS = {"short range": "short_range", "full range": "full_range"}
"""MediaPipe's face detectors, for faces within 2 m of the camera (its default) and within 5 m, by the names of their graphs."""


@contextmanager
def face_detector(model: str, least: float) -> Iterator[Callable[[NDArray[np.uint8]], tuple[Points, NDArray[np.float64]]]]:
    """Yield the function from an RGB picture (H, W, 3) to the boxes (N, 4) of the faces in it, x, y, w, h in pixels, and their
    confidences (N,), which are `least` or more.

    MediaPipe's own class takes a confidence and hands it on to nobody: in 0.10 its short-range model answers from 0.5 and its
    full-range one from 0.6 whatever is asked. It is set here where the graph reads it.
    """
    solutions()
    from mediapipe.python.solution_base import SolutionBase

    graph = DETECTORS[model]
    reader = f"facedetection{graph.replace('_', '')}__facedetection__TensorsToDetectionsCalculator"
    with SolutionBase(
        binary_graph_path=f"mediapipe/modules/face_detection/face_detection_{graph}_cpu.binarypb",
        calculator_params={f"{reader}.min_score_thresh": least},
        outputs=["detections"],
    ) as faces:

        def look(image: NDArray[np.uint8]) -> tuple[Points, NDArray[np.float64]]:
            found = faces.process(image).detections or ()
            boxes = [(b.xmin, b.ymin, b.width, b.height) for b in (one.location_data.relative_bounding_box for one in found)]
            scale = (image.shape[1], image.shape[0]) * 2
            return np.array(boxes, np.float64).reshape(-1, 4) * scale, np.array([float(one.score[0]) for one in found])

        yield look


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
