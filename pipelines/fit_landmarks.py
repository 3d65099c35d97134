"""Fit the detector-defined points of assets/landmarks on renders of 200 people, and judge them on 500 others.

    python pipelines/fit_landmarks.py shoot --out WORK        render both sets (kept: a second run goes on)
    python pipelines/fit_landmarks.py fit --out WORK          write mediapipe478.json and arcface.json
    python pipelines/fit_landmarks.py judge --out WORK        print the errors on the 500

Where MediaPipe sees a point in a picture, the mesh under that pixel is a place on the base mesh; a point's table entry is the
median of its places over the pictures, mirrored and averaged, on the nearest triangle. The hand-set points are not touched.
Detectors audit the labels; this script is the only place where one shapes them, and only for points that no anatomist names.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from facegen.geometry.align import ARCFACE_112, apply, arcface_matrix, invert, similarity
from facegen.geometry.projection import project
from facegen.geometry.rotations import transform_points
from facegen.head import landmarks
from facegen.head.collide import outer_skin
from facegen.head.model import HeadModel
from facegen.population import plan
from facegen.run.studio import Studio
from facegen.sample import SampleSpec
from facegen.spec import DatasetSpec
from facegen.stage.camera import camera as make_camera
from facegen.stage.camera import head_transform

HERE = Path(__file__).parent
ASSETS = HERE.parent / "assets/landmarks"
FIT, JUDGE = 200, 500
TILTED = {"seed": 20260104, "identities": FIT}
CROP_TARGET = np.array([(38.0, 53.3), (74.0, 53.2), (55.7, 73.0), (41.4, 90.5), (71.4, 90.3)])
"""Where MediaPipe's eye-corner middles, tip 4 and corners 61/291 lie, by median, in detector-aligned 112 px crops (docs)."""
MIDDLE_LINE = (10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 0, 17, 152)
"""Points of MediaPipe's mesh on the middle line."""
FRONTAL_COS = np.cos(np.radians(10))
"""Only nearly frontal heads fit the crop's offsets: a similarity cannot follow a turned one."""
EYES, MESH_POINTS = 10, 468


def specs() -> dict[str, DatasetSpec]:
    """The 200 with turned heads, and the first 500 of the frontal set."""
    frontal = DatasetSpec.load(HERE / "frontal_clean.yaml")
    turned = json.loads(frontal.canonical_json())
    turned.update(TILTED)
    turned["shots"].update({"yaw_deg": {"uniform": [-22, 22]}, "pitch_deg": {"uniform": [-10, 10]}})
    return {"fit": DatasetSpec.from_dict(turned), "judge": frontal}


def shoot(out: Path, name: str) -> None:
    """Render the set `name` into `out`, skipping what is there."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    count = {"fit": FIT, "judge": JUDGE}[name]
    with Studio() as studio:
        for number, sample in zip(range(count), plan.build(specs()[name]).samples(), strict=False):
            target = folder / f"{number:04d}.png"
            if not target.exists():
                image = studio.shoot(sample).image
                (folder / f"{number:04d}.json").write_text(sample.model_dump_json())
                cv2.imwrite(str(target), image[:, :, ::-1])


def views(out: Path, name: str, model: HeadModel, detect: Any) -> Any:
    """Yield (posed head, transform, camera, detected points (478, 2) px) for every picture in which a face is found."""
    for path in sorted((out / name).glob("*.png")):
        sample = SampleSpec.model_validate_json(path.with_suffix(".json").read_text())
        image = cv2.imread(str(path))
        found = detect.process(image[:, :, ::-1]).multi_face_landmarks
        if not found:
            print(f"no face in {path.name}")
            continue
        points = np.array([(p.x, p.y) for p in found[0].landmark]) * sample.size_px
        posed = model.pose(model.shape(sample.identity, sample.sitting), sample.shot.expression, sample.shot.gaze)
        camera = make_camera(sample.shot.camera, sample.size_px)
        yield posed, head_transform(sample.shot.camera, sample.shot.pose), camera, points


def detector() -> Any:
    """MediaPipe's face mesh with refined eyes, one still picture at a time."""
    import mediapipe

    return mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True)


class Surface:
    """The outer face of the base mesh: where a pixel lies on it, and the nearest place to a point."""

    def __init__(self, model: HeadModel) -> None:
        topology = model.topology
        good = outer_skin(topology) & (topology.masks["mouth_inside"] < 0.5) & (topology.masks["garment"] < 0.5)
        self.triangles = topology.triangles[good[topology.triangles].all(axis=1)]
        self.base = model.base_vertices()

    def places(self, posed: Any, transform: Any, camera: Any, pixels: np.ndarray) -> np.ndarray:
        """Return (N, 3) base-mesh places under (N, 2) pixels; beside the mesh, the nearest facing triangle's nearest edge."""
        world = transform_points(transform, posed.vertices)
        corner = world[self.triangles]
        normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        facing = np.flatnonzero((normal * -corner.mean(axis=1)).sum(axis=1) > 0)
        flat = project(world, camera)[self.triangles[facing]]
        _, near = cKDTree(flat.mean(axis=1)).query(pixels, k=24)
        weights = _barycentric(flat[near], pixels[:, None])
        inside = weights.min(axis=2)
        depth = -corner[facing][near].mean(axis=2)[..., 2]
        score = np.where(inside > -1e-6, depth, 1e3 - inside)
        best = score.argmin(axis=1)
        rows = np.arange(len(pixels))
        weight = np.clip(weights[rows, best], 0, None)
        weight /= weight.sum(axis=1, keepdims=True)
        return np.einsum("nkc,nk->nc", self.base[self.triangles[facing[near[rows, best]]]], weight)

    def nearest(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (triangles (N, 3), weights (N, 3)) of the nearest places on the base mesh."""
        corner = self.base[self.triangles]
        _, near = cKDTree(corner.mean(axis=1)).query(points, k=12)
        weights = _closest(corner[near], points[:, None])
        place = np.einsum("nmkc,nmk->nmc", corner[near], weights)
        best = np.linalg.norm(place - points[:, None], axis=2).argmin(axis=1)
        rows = np.arange(len(points))
        return self.triangles[near[rows, best]], weights[rows, best]


def _barycentric(corner: np.ndarray, at: np.ndarray) -> np.ndarray:
    u, v, w = corner[..., 1, :] - corner[..., 0, :], corner[..., 2, :] - corner[..., 0, :], at - corner[..., 0, :]
    uu, uv, vv, wu, wv = ((a * b).sum(-1) for a, b in ((u, u), (u, v), (v, v), (w, u), (w, v)))
    area = np.maximum(uu * vv - uv * uv, 1e-18)
    second, third = (vv * wu - uv * wv) / area, (uu * wv - uv * wu) / area
    return np.stack([1 - second - third, second, third], axis=-1)


def _closest(corner: np.ndarray, at: np.ndarray) -> np.ndarray:
    weights = np.clip(_barycentric(corner, at), 0, None)
    return weights / weights.sum(-1, keepdims=True)


def fit(out: Path) -> None:
    """Write the two tables."""
    model, found, eyes, crops = HeadModel.load(), [], [], []
    surface = Surface(model)
    for posed, transform, camera, points in views(out, "fit", model, detector()):
        found.append(surface.places(posed, transform, camera, points[:MESH_POINTS]))
        eyes.append(_eye_directions(posed, transform, camera, points[MESH_POINTS:]))
        if transform[2, 2] > FRONTAL_COS:
            crops.append(_crop_offsets(posed, transform, camera, points))
    place = np.median(np.array(found), axis=0)
    partner = _partners(place)
    place = _mirrored(place, partner)
    triangles, weights = surface.nearest(place)
    right = np.flatnonzero(partner < np.arange(len(place)))
    triangles[right], weights[right] = model.topology.symmetric[triangles[partner[right]]], weights[partner[right]]
    table = {
        "about": "MediaPipe's 478 face-mesh points: 468 on triangles of mesh vertices with barycentric weights, 10 as directions "
        "in the eye frames (right centre and ring, left centre and ring). Fitted by pipelines/fit_landmarks.py.",
        "vertices": len(model.topology.ao),
        "triangles": triangles.tolist(),
        "weights": np.round(weights, 4).tolist(),
        "eyes": np.round(np.median(np.array(eyes), axis=0), 4).tolist(),
    }
    (ASSETS / "mediapipe478.json").write_text(json.dumps(table))
    arcface = json.loads((ASSETS / "arcface.json").read_text())
    arcface["offsets"] = np.round(np.median(np.array(crops), axis=0), 4).tolist()
    (ASSETS / "arcface.json").write_text(json.dumps(arcface))
    print(f"fitted on {len(found)} pictures ({len(crops)} frontal for the crop); spread of the places (median over points): "
          f"{1000 * np.median(np.linalg.norm(np.array(found) - place, axis=2)):.2f} mm")  # fmt: skip


def _partners(place: np.ndarray) -> np.ndarray:
    """Return the mirror partner of each point: the cheapest matching with the mirror image; itself where that is not mutual."""
    centered = place - [np.median(place[MIDDLE_LINE, 0]), 0, 0]  # detectors see faces a little to one side
    matched = linear_sum_assignment(cdist(centered * [-1, 1, 1], centered))[1]
    own = np.arange(len(place))
    return np.where(matched[matched] == own, matched, own)


def _mirrored(place: np.ndarray, partner: np.ndarray) -> np.ndarray:
    """Average each point with its partner's mirror image; points on the middle line go onto it."""
    alone = (partner == np.arange(len(place))) & (np.abs(place[:, 0]) > 0.004)
    return np.where(alone[:, None], place, 0.5 * (place + place[partner] * [-1, 1, 1]))


def _eye_directions(posed: Any, transform: Any, camera: Any, pixels: np.ndarray) -> np.ndarray:
    """Return (10, 3) unit directions in the eye frames of the detected iris points (right eye's five first)."""
    out = np.zeros((EYES, 3))
    for eye in (0, 1):
        mine = slice(5 * eye, 5 * eye + 5)
        center = transform_points(transform, posed.eye_centers)[eye]
        ray = np.linalg.inv(camera.K) @ np.column_stack([pixels[mine], np.ones(5)]).T
        ray = (ray * [[1], [-1], [-1]]).T
        ray /= np.linalg.norm(ray, axis=1, keepdims=True)
        along = ray @ center
        reach = along**2 - center @ center + posed.eye_radius[eye] ** 2
        hit = ray * (along - np.sqrt(np.maximum(reach, 0)))[:, None] - center
        turn = transform[:3, :3] @ posed.eye_rotation[eye]
        out[mine] = hit @ turn / np.linalg.norm(hit, axis=1, keepdims=True)
    return out


def _anchors(posed: Any) -> np.ndarray:
    return landmarks.arcface_anchors(posed)


def _crop_offsets(posed: Any, transform: Any, camera: Any, points: np.ndarray) -> np.ndarray:
    """Return (5, 3) offsets of the crop's points from their anchors in eye distances, in the head's frontal plane.

    The crop wanted brings the detected points onto CROP_TARGET; its template points, taken back into the picture, are where
    our points must lie.
    """
    matrix = similarity(_detected_five(points), CROP_TARGET)
    wanted = apply(invert(matrix), ARCFACE_112) + 0.5
    anchor = _anchors(posed)
    seen = project(transform_points(transform, anchor), camera)
    apart = np.linalg.norm(posed.eye_centers[1] - posed.eye_centers[0])
    basis = [project(transform_points(transform, anchor + apart * 0.1 * np.eye(3)[k]), camera) - seen for k in (0, 1)]
    offsets = [0.1 * np.linalg.solve(np.stack([basis[0][n], basis[1][n]], axis=1), wanted[n] - seen[n]) for n in range(5)]
    return np.column_stack([np.array(offsets), np.zeros(5)])


def _detected_five(points: np.ndarray) -> np.ndarray:
    """Eye-corner middles (33/133, 362/263), tip 4, mouth corners 61/291, in OpenCV's pixel-centre base."""
    eyes = [0.5 * (points[33] + points[133]), 0.5 * (points[362] + points[263])]
    return np.stack([*eyes, points[4], points[61], points[291]]) - 0.5


def judge(out: Path) -> None:
    """Print how the tables do on the 500."""
    model, errors, inner, crops = HeadModel.load(), [], [], []
    index = json.loads((ASSETS / "ibug_from_mediapipe.json").read_text())["index"]
    for posed, transform, camera, points in views(out, "judge", model, detector()):
        apart = np.linalg.norm(points[33] - points[263])
        ours = project(transform_points(transform, landmarks.mediapipe478(posed.vertices, posed)), camera)
        errors.append(np.linalg.norm(ours - points, axis=1) / apart)
        ibug = project(transform_points(transform, landmarks.ibug68(posed.vertices)), camera)
        inner.append(np.linalg.norm(ibug[17:] - points[index][17:], axis=1) / apart)
        five = project(transform_points(transform, landmarks.arcface_points(posed)), camera)
        crops.append(apply(arcface_matrix(five), _detected_five(points)))
    print(f"{len(errors)} pictures; 478 points: mean {np.mean(errors):.4f} of the outer-eye-corner distance, "
          f"95th percentile of pictures {np.quantile(np.mean(errors, axis=1), 0.95):.4f}")  # fmt: skip
    mean = np.mean(inner, axis=1)
    print(f"inner 51 of iBUG-68: mean {mean.mean():.4f}, 95th percentile of pictures {np.quantile(mean, 0.95):.4f}")
    worst = np.mean(inner, axis=0)
    print("by point:", " ".join(f"{n + 17}:{v:.3f}" for n, v in enumerate(worst)))
    print("crop medians:", np.round(np.median(crops, axis=0), 2).tolist(), "wanted", CROP_TARGET.tolist())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("shoot", "fit", "judge"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", choices=("fit", "judge"), default=None, help="shoot only this set")
    arguments = parser.parse_args()
    if arguments.step == "shoot":
        for which in ("fit", "judge") if arguments.set is None else (arguments.set,):
            shoot(arguments.out, which)
    else:
        {"fit": fit, "judge": judge}[arguments.step](arguments.out)
