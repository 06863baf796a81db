"""Functions that work out scores of a row and decide by them: what all read-out estimators are."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np

from .base import GroundTruthFunction
from .outcome import Outcome


class ScoredFunction(GroundTruthFunction):
    """Labels and probabilities from `scores`; in NumPy, in double precision, where the features are NumPy's."""

    outcome: Outcome

    @abc.abstractmethod
    def scores(self, features: Any) -> Any:
        """Of features (rows, features), in the estimator's arithmetic: (rows, scores)."""

    @property
    def has_probabilities(self) -> bool:
        """As the estimator has."""
        return self.outcome.has_probabilities

    def labels(self, features: Any) -> Any:
        """Class codes: the estimator's `predict`, ties included, where features are in double precision."""
        return self.outcome.labels(self.scores(_flat(features))).reshape(features.shape[:-1])

    def probabilities(self, features: Any) -> Any:
        """The estimator's `predict_proba`, with zeros for classes that it never saw."""
        found = self.outcome.probabilities(self.scores(_flat(features)))
        return found.reshape(*features.shape[:-1], len(self.classes))


def _flat(features: Any) -> Any:
    flat = features.reshape(-1, features.shape[-1])
    return flat.astype(np.float64) if isinstance(flat, np.ndarray) else flat
