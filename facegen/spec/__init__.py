"""DatasetSpec: what a user asks for, as YAML, checked before anything is drawn."""

from facegen.spec.counterfactual import Counterfactuals
from facegen.spec.dataset import DatasetSpec, Outputs
from facegen.spec.population import Population
from facegen.spec.shots import Shots
from facegen.spec.values import Categorical, Numeric

__all__ = ["Categorical", "Counterfactuals", "DatasetSpec", "Numeric", "Outputs", "Population", "Shots"]
