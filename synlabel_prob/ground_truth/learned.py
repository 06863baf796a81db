"""Functions learned from the table by a scikit-learn classifier."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from ..descriptions import description, fitted, shown, static
from ..errors import InputError, Problems, did_you_mean
from ..messages import separate
from ..table import Table
from .base import GroundTruth, GroundTruthFunction, no_probabilities
from .boosted_trees import function_of
from .decisions import Argmax, Decision
from .estimators import ESTIMATORS, build, needs_scaling
from .reading import not_read, read_otherwise, read_out
from .reading.text import dump_of_booster, is_booster


@fitted
class EstimatorFunction(GroundTruthFunction):
    """A fitted scikit-learn classifier, run on the host on frames with the original names and dtypes."""

    estimator: Any = static()
    table: Table = static()
    codes: tuple[int, ...] = static()
    decision: Decision = static()
    classes: tuple = static()
    runs_on_host_because: str | None = static(default=None)
    runs_in_jax = False

    @property
    def has_probabilities(self) -> bool:
        """Where the estimator has `predict_proba`."""
        return hasattr(self.estimator, "predict_proba")

    def labels(self, features: Any) -> np.ndarray:
        """Class codes of a host batch: the estimator's own `predict` under argmax."""
        features = np.asarray(features, dtype=np.float64)
        if not isinstance(self.decision, Argmax):
            return np.asarray(self.decision.decide(self.probabilities(features), self.classes))
        if features.size == 0:  # scikit-learn refuses an empty batch
            return np.zeros(features.shape[:-1], dtype=np.int64)
        flat = self.table.to_frame(features.reshape(-1, features.shape[-1]))
        return np.asarray(self.estimator.predict(flat), dtype=np.int64).reshape(features.shape[:-1])

    def probabilities(self, features: Any) -> np.ndarray:
        """The estimator's `predict_proba`, with zeros for classes that it never saw."""
        if not self.has_probabilities:
            raise no_probabilities(f"the estimator {type(self.estimator).__name__}")
        features = np.asarray(features, dtype=np.float64)
        flat = self.table.to_frame(features.reshape(-1, features.shape[-1]))
        every = np.zeros((len(flat), len(self.classes)))
        if len(flat):  # scikit-learn refuses an empty batch
            every[:, list(self.codes)] = self.estimator.predict_proba(flat)
        return every.reshape(*features.shape[:-1], len(self.classes))


def _estimator(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ESTIMATORS:
            raise InputError(f"is {value!r}, which is not on the list: {did_you_mean(value, ESTIMATORS)}")
        return value
    if is_booster(value) or (callable(getattr(value, "fit", None)) and callable(getattr(value, "predict", None))):
        return value
    raise InputError(f"must be the name of an estimator, or (from Python) a classifier; got {shown(value)}.")


def _lists_as_tuples(value: Any) -> Any:
    """One form for what scikit-learn takes as a list or a tuple, so that a spec file gives back what was written."""
    if isinstance(value, dict):
        return {key: _lists_as_tuples(item) for key, item in value.items()}
    return tuple(map(_lists_as_tuples, value)) if isinstance(value, (list, tuple)) else value


@description
class Learned(GroundTruth):
    """A scikit-learn classifier fitted to the table's target; its `predict` is then the truth.

    In a spec file `estimator` is a name from the list and `parameters` its arguments; numbers are standardised for
    estimators that need it and categorical features become indicators. From Python any classifier or pipeline goes,
    and is fitted anew; a Booster of XGBoost or LightGBM is taken as it is.
    """

    estimator: Annotated[
        Any, PlainValidator(_estimator), WithJsonSchema({"type": "string", "enum": sorted(ESTIMATORS)})
    ]
    parameters: Annotated[dict[str, Any], AfterValidator(_lists_as_tuples)] = Field(default_factory=dict)
    random_state: int = 0
    decision: Decision = Argmax()
    kind: Literal["learned"] = "learned"

    summary = "a scikit-learn classifier fitted to the table's target"

    def __post_init__(self) -> None:
        if not isinstance(self.estimator, str):
            if self.parameters:
                raise InputError("parameters go with an estimator's name; an estimator object has its own already.")
            return
        known = ESTIMATORS[self.estimator]
        for name in self.parameters:
            if name not in known:
                raise InputError(f"parameters name {name!r}, which {self.estimator} lacks: {did_you_mean(name, known)}")

    def class_values(self, table: Table) -> tuple:
        """The table's classes."""
        return table.classes

    def report_problems(self, table: Table, problems: Problems) -> None:
        """No target to learn from; a Booster that does not go with the table."""
        if is_booster(self.estimator):
            self._report_booster(table, problems)
        elif table.target is None:
            problems.add("`ground_truth` learns from the table, which has no target: name one in `data.target`.")
        elif len(np.unique(table.target)) < 2:
            problems.add("`ground_truth` learns from the table, whose target has one class only: two are needed.")
        else:
            self.decision.report_problems(table.classes, problems)

    def _report_booster(self, table: Table, problems: Problems) -> None:
        try:
            function_of(dump_of_booster(self.estimator), table, table.classes, self.decision)
        except InputError as error:
            for sentence in separate(str(error)):
                problems.add(sentence)
        self.decision.report_problems(table.classes, problems)

    def fit(self, table: Table) -> GroundTruthFunction:
        """The estimator fitted to the whole table, read out where it is of a kind that is, so that it runs in JAX.

        Raises:
            InputError: the estimator refuses its parameters or the table.
        """
        made = self.estimator
        if is_booster(made):
            return function_of(dump_of_booster(made), table, table.classes, self.decision)
        if isinstance(made, str):
            made = build(made, self.parameters, self.random_state, table)
        else:
            from sklearn.base import clone

            made = clone(made)
        fitted_estimator = _fit(made, table)
        codes = tuple(int(code) for code in _seen_codes(table))
        host = EstimatorFunction(fitted_estimator, table, codes, self.decision, table.classes)
        read = read_out(fitted_estimator, table, self.decision, codes)
        if read is None:
            return dataclasses.replace(host, runs_on_host_because=not_read(fitted_estimator))
        # Estimators keep what is read in attributes of their own, which another version may mean otherwise.
        if not np.array_equal(read.labels(table.features), host.labels(table.features)):
            return dataclasses.replace(host, runs_on_host_because=read_otherwise(fitted_estimator))
        return read

    def explain(self) -> str:
        """In words."""
        name = self.estimator if isinstance(self.estimator, str) else type(self.estimator).__name__
        if is_booster(self.estimator):
            return f"a fitted {name}; its prediction is the truth ({self.decision.explain()})"
        scaled = " on standardised features" if isinstance(self.estimator, str) and needs_scaling(name) else ""
        return f"a {name} learned from the whole table{scaled}; its prediction is the truth ({self.decision.explain()})"


def _fit(estimator: Any, table: Table) -> Any:
    from sklearn.exceptions import ConvergenceWarning

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            made = estimator.fit(table.to_frame(), table.target)
            made.predict(table.to_frame()[:1])  # some parameters are found wrong only here
            return made
    except ConvergenceWarning as warning:
        raise InputError(
            f"the estimator did not converge ({str(warning).splitlines()[0]}): raise `max_iter` in "
            "`ground_truth.parameters`."
        ) from None
    except (ValueError, TypeError) as error:
        raise InputError(f"the estimator could not be fitted: {' '.join(str(error).split())}") from None


def _seen_codes(table: Table) -> np.ndarray:
    """The classes that occur in the target, without which no estimator can be fitted."""
    assert table.target is not None
    return np.unique(table.target)
