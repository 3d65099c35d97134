"""What every value of a SampleSpec is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from facegen import guard

Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Vec3 = tuple[float, float, float]
Id = Annotated[str, Field(pattern=guard.ID)]
"""Becomes the name of files and folders."""
Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Model(BaseModel):
    """Frozen value with no room for unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
