"""The `facegen` command."""

from facegen.cli import audit, counterfactual, design, make, merge, publish, recognise, review, train  # noqa: F401 (each adds its verbs)
from facegen.cli.app import app, fail, main

__all__ = ["app", "fail", "main"]
