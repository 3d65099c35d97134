"""DatasetSpec: what a user asks for, as YAML, checked before anything is drawn."""

from facegen.spec.counterfactual import Counterfactuals
from facegen.spec.dataset import DatasetSpec, Depth, Outputs
from facegen.spec.design import Design, Quota
from facegen.spec.population import Population
from facegen.spec.shots import Shots
from facegen.spec.values import Categorical, Numeric

__all__ = [
    "Categorical",
    "Counterfactuals",
    "DatasetSpec",
    "Depth",
    "Design",
    "Numeric",
    "Outputs",
    "Population",
    "Quota",
    "Shots",
]
