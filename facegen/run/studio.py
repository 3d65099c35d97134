"""One image from one SampleSpec: build the person, place them, render, expose, label.

A Studio holds the head model and the one GL context of its process. Everything that only depends on a sitting (shape,
textures, hair) is made once and kept while that sitting's shots are taken; the results do not depend on what is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegen.annotate import points
from facegen.annotate.record import annotate
from facegen.geometry import align
from facegen.head.landmarks import arcface_points
from facegen.head.model import HeadModel, HeadShape, PosedHead
from facegen.looks import color
from facegen.looks.eyes import eye_surfaces
from facegen.looks.facial_hair.surfaces import facial_hair_surfaces
from facegen.looks.hair.groom import HairGroom, groom, hair_surfaces
from facegen.looks.skin.textures import SkinTextures, skin_surfaces, skin_textures
from facegen.render.engine import Engine
from facegen.run import layers
from facegen.run.bystander import with_bystander
from facegen.run.mesh import mesh_file
from facegen.run.outputs import Outputs
from facegen.sample import SampleSpec, Wear
from facegen.scene import Camera, Frame, Scene, Surface, supersample
from facegen.sensor.codec import encode, encode_png
from facegen.sensor.lens import Lens, behind
from facegen.sensor.photo import Photo, expose
from facegen.stage import lighting
from facegen.stage.background import background
from facegen.stage.camera import camera as make_camera
from facegen.stage.camera import eyes_depth, head_transform
from facegen.stage.compose import compose
from facegen.wear import Flesh, beneath, can_veil, caster_surfaces, front_surfaces, shaded, worn_surfaces


@dataclass(frozen=True)
class Result:
    """`files`: path relative to the dataset -> bytes; `row`: the label columns; `image`: the photograph (S, S, 3) uint8 RGB."""

    files: dict[str, bytes]
    row: dict[str, Any]
    image: NDArray[np.uint8]


@dataclass(frozen=True)
class _Person:
    """What one sitting's shots share."""

    key: str
    shape: HeadShape
    textures: SkinTextures
    groom: HairGroom
    flesh: Flesh


class Studio:
    """The head model and the renderer of this process. Close it, or use it as a context manager."""

    def __init__(self, platform: str = "auto") -> None:
        self.model = HeadModel.load()
        self.engine = Engine(platform)
        self._person: _Person | None = None
        self._gain: tuple[str, float] | None = None

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the GL context back."""
        self.engine.close()

    def shoot(self, sample: SampleSpec, outputs: Outputs = Outputs()) -> Result:  # noqa: B008 (frozen value)
        """Return the photograph, the label row and the files of `sample`: a pure function of its arguments."""
        gain = self._kept_gain(sample)
        person = self._meet(sample)
        posed = self.model.pose(person.shape, sample.shot.expression, sample.shot.gaze)
        scene, transform = self._stage(sample, person, posed, sample.shot.wear, outputs.under)
        scene = replace(scene, layers=layers.wanted(outputs))
        frame = self.engine.render(scene)
        photo = self._expose(sample, frame, scene, transform, sample.shot.wear, gain)
        if sample.counterfactual is None:
            self._gain = (sample.model_dump_json(), photo.applied["exposure_gain"])
        row = annotate(sample, posed, self.model, transform, scene.camera, frame, photo.image, photo.applied)
        files = {_path("images", sample, outputs.format): encode(photo.image, sample.shot.degradation, outputs.format)}
        crops = _crops(outputs, photo.image, posed, transform, scene.camera, row)
        files |= {_path(folder, sample, "png"): data for folder, data in crops}
        files |= {_path(folder, sample, suffix): data for folder, suffix, data in layers.files(outputs, frame, scene)}
        if outputs.mesh != "none":
            data = mesh_file(scene.surfaces, transform, outputs.mesh, outputs.mesh_hair)
            files[_path("mesh", sample, outputs.mesh)] = data
        if outputs.points:
            tables = points.arrays(outputs.points, posed, self.model, transform, scene.camera, frame)
            files[_path("points", sample, "npz")] = points.packed(tables)
        if outputs.clean:
            undressed = _undressed(sample.shot.wear)
            bare, _ = self._stage(sample, person, posed, undressed)
            twin = self._expose(sample, self.engine.render(bare), bare, transform, undressed, photo.applied["exposure_gain"])
            files[_path("clean", sample, "png")] = encode_png(twin.clean)
        return Result(files, row, photo.image)

    def _kept_gain(self, sample: SampleSpec) -> float | None:
        """Return the gain that the camera chose for the base of a variant whose exposure is frozen; None where it meters itself.

        The base is in the variant's sample, and is rendered again where it was not the last one before its variants: a variant
        alone comes out as it does in its data set.
        """
        base = sample.base()
        if base is sample:
            return None
        key = base.model_dump_json()
        if self._gain is None or self._gain[0] != key:
            person = self._meet(base)
            posed = self.model.pose(person.shape, base.shot.expression, base.shot.gaze)
            scene, transform = self._stage(base, person, posed, base.shot.wear)
            photo = self._expose(base, self.engine.render(scene), scene, transform, base.shot.wear)
            self._gain = (key, photo.applied["exposure_gain"])
        return self._gain[1]

    def _meet(self, sample: SampleSpec) -> _Person:
        key = f"{sample.size_px}/{sample.identity.model_dump_json()}/{sample.sitting.model_dump_json()}"
        if self._person is None or self._person.key != key:
            shape = self.model.shape(sample.identity, sample.sitting)
            textures = skin_textures(self.model, sample.identity, sample.sitting, _texture_size(sample.size_px))
            hair = groom(self.model, shape, sample.identity, sample.sitting, _detail(sample.size_px))
            self._person = _Person(key, shape, textures, hair, self._flesh(sample, shape, textures))
        return self._person

    def _flesh(self, sample: SampleSpec, shape: HeadShape, textures: SkinTextures) -> Flesh:
        """The colour of the cheeks is that of the hands."""
        part = self.model.topology.parts["skin"]
        cheek = part.uv[self.model.topology.masks["cheeks"][part.index] > 0.5] * (len(textures.albedo) - 1)
        row, column = np.round(cheek[:, 1]).astype(int), np.round(cheek[:, 0]).astype(int)
        r, g, b = (float(v) for v in color.decode(textures.albedo[row, column] / 255.0).mean(axis=0))
        who = sample.identity.sex_value, shape.size, sample.sitting.age_years
        return Flesh(textures.key, (r, g, b), textures.params, *who)

    def _stage(
        self, sample: SampleSpec, person: _Person, posed: PosedHead, wear: Wear, amodal: bool = False
    ) -> tuple[Scene, NDArray[np.float64]]:
        transform = head_transform(sample.shot.camera, sample.shot.pose)
        camera = make_camera(sample.shot.camera, sample.size_px, transform[:3, 3])
        worn = worn_surfaces(self.model, posed, wear)
        hair = hair_surfaces(person.groom, wear)
        beard = facial_hair_surfaces(self.model, posed, sample.identity, sample.sitting, _detail(sample.size_px))
        front = front_surfaces(self.model, posed, wear, person.flesh, worn, hair if can_veil(sample) else ())
        skin = skin_surfaces(self.model, posed, person.textures, sample.shot.expression.weights)
        surfaces: tuple[Surface, ...] = (
            *(shaded(s, front.touching) if s.name == "skin" else s for s in skin),
            *eye_surfaces(posed, sample.identity, sample.sitting),
            *beneath(beard, worn),
            *hair,
            *front.surfaces,
            *worn,
        )
        shot = sample.shot
        mirrored = lighting.mirrored(shot.light, shot.background, shot.camera)
        scene = compose(surfaces, transform, camera, shot.light, mirrored)
        key = None if wear.shadow is None else lighting.shadow_key(sample.shot.light, transform[:3, 2])
        if wear.shadow is not None and key is not None:
            unseen = caster_surfaces(wear.shadow, transform[:3, :3].T @ key.direction)
            unseen = compose(unseen, transform, camera, sample.shot.light).surfaces
            scene = replace(scene, surfaces=(*scene.surfaces, *unseen), caster_m=wear.shadow.distance_m)
        return replace(scene, amodal=amodal), transform

    def _expose(
        self,
        sample: SampleSpec,
        frame: Frame,
        scene: Scene,
        transform: NDArray[np.float64],
        wear: Wear,
        gain: float | None = None,
    ) -> Photo:
        shot = sample.shot
        lens = Lens(shot.camera, scene.camera, eyes_depth(transform), shot.degradation.exposure_s, scene.keys)
        seen = behind(background(shot.background, shot.light, shot.camera, sample.size_px), scene.camera)
        if wear.second_head is not None:
            seen = with_bystander(seen, sample, wear.second_head, self.model, self.engine)
        return expose(frame, seen, shot.degradation, gain, lens, sample.identity, wear.rain, shot.light.meter)


def _crops(
    outputs: Outputs,
    image: NDArray[np.uint8],
    posed: PosedHead,
    transform: NDArray[np.float64],
    camera: Camera,
    row: dict[str, Any],
) -> Iterator[tuple[str, bytes]]:
    """Yield (folder, PNG) of the crops asked for, cut by ground truth; `row` holds landmarks_68 and bbox."""
    if outputs.aligned or "arcface" in outputs.crops:
        yield "aligned", encode_png(align.arcface_crop(image, arcface_points(posed), transform, camera))
    if "ffhq" in outputs.crops:
        matrix = align.ffhq_matrix(np.reshape(row["landmarks_68"], (68, 2)))
        yield "crops_ffhq", encode_png(align.warp(image, matrix, align.FFHQ_SIZE, fill="blur"))
    if "loose" in outputs.crops:
        yield "crops_loose", encode_png(align.warp(image, align.loose_matrix(row["bbox"]), align.LOOSE_SIZE))


def _path(folder: str, sample: SampleSpec, suffix: str) -> str:
    return f"{folder}/{sample.identity.identity_id}/{sample.image_id}.{suffix}"


def _texture_size(size_px: int) -> int:
    """Skin maps of about as many texels as the picture has samples, a power of two."""
    return int(2 ** np.clip(np.ceil(np.log2(supersample(size_px) * size_px)), 7, 11))


def _detail(size_px: int) -> float:
    """Level of detail of hair: 1 at 256 px, fewer and wider ribbons below."""
    return float(np.clip(supersample(size_px) * size_px / 512, 0.35, 2.0))


def _undressed(wear: Wear) -> Wear:
    return Wear(garment=wear.garment)
