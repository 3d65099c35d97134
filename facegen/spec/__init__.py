"""DatasetSpec: what a user asks for, as YAML, checked before anything is drawn."""

from facegen.spec.dataset import DatasetSpec, Outputs, Population, Shots
from facegen.spec.values import Categorical, Numeric

__all__ = ["Categorical", "DatasetSpec", "Numeric", "Outputs", "Population", "Shots"]
