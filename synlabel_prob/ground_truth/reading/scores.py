"""Linear, quadratic and network scores of scikit-learn's estimators."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..encoded_linear import EncodedLinearFunction
from ..network import NetworkFunction
from ..quadratic import QuadraticFunction
from .columns import Source, encoding_of
from .seen import Seen


def read_linear(estimator: Any, sources: tuple[Source, ...], seen: Seen) -> EncodedLinearFunction | None:
    """Logistic regression, linear SVC or LDA; None for anything else."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    kind = type(estimator)
    if kind not in (LogisticRegression, LinearSVC, LinearDiscriminantAnalysis):
        return None
    weights = np.asarray(estimator.coef_, dtype=np.float64)
    intercepts = np.broadcast_to(np.asarray(estimator.intercept_, dtype=np.float64), len(weights))
    one = len(weights) == 1
    link = "none" if kind is LinearSVC else "logistic" if one else "softmax"
    outcome = seen.outcome(link, "above" if one else "largest")
    return EncodedLinearFunction(weights, intercepts, encoding_of(sources), seen.num_features, outcome, seen.classes)


def read_quadratic(estimator: Any, sources: tuple[Source, ...], seen: Seen) -> QuadraticFunction | None:
    """Quadratic discriminant analysis or Gaussian naive Bayes; None for anything else."""
    from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
    from sklearn.naive_bayes import GaussianNB

    outcome = seen.outcome("softmax", "largest")
    if type(estimator) is GaussianNB:
        offsets = np.array([-0.5 * np.sum(np.log(2.0 * np.pi * variances)) for variances in estimator.var_])
        arrays = (np.log(estimator.class_prior_), offsets, estimator.theta_, estimator.var_)
        return QuadraticFunction(*arrays, encoding_of(sources), outcome, seen.classes)
    if type(estimator) is QuadraticDiscriminantAnalysis:
        pairs = list(zip(estimator.rotations_, estimator.scalings_, strict=True))
        offsets = np.array([-0.5 * np.sum(np.log(scalings)) for _, scalings in pairs])
        factors = _padded([rotations * scalings**-0.5 for rotations, scalings in pairs])
        arrays = (np.log(estimator.priors_), offsets, np.asarray(estimator.means_), factors)
        return QuadraticFunction(*arrays, encoding_of(sources), outcome, seen.classes)
    return None


def _padded(factors: list[np.ndarray]) -> np.ndarray:
    """Of one rank: columns of zeros add nothing to a length."""
    rank = max(factor.shape[1] for factor in factors)
    return np.stack([np.pad(factor, ((0, 0), (0, rank - factor.shape[1]))) for factor in factors])


def read_network(estimator: Any, sources: tuple[Source, ...], seen: Seen) -> NetworkFunction | None:
    """A multi-layer perceptron; None for anything else."""
    from sklearn.neural_network import MLPClassifier

    if type(estimator) is not MLPClassifier or estimator.out_activation_ not in ("softmax", "logistic"):
        return None
    one = estimator.n_outputs_ == 1
    outcome = seen.outcome("fractions", "above" if one else "largest", 0.5 if one else 0.0)
    weights, intercepts = (
        tuple(np.asarray(it, dtype=np.float64) for it in layers) for layers in (estimator.coefs_, estimator.intercepts_)
    )
    return NetworkFunction(weights, intercepts, encoding_of(sources), estimator.activation, outcome, seen.classes)
