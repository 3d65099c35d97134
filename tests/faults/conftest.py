"""Orders to the fake studio."""

from __future__ import annotations
