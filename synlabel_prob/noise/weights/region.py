"""More often in some regions of the features, given by conditions or by a logistic score."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..._lazy import jax, jnp
from ...descriptions import constant, description, fitted, static
from ...errors import InputError, Problems, did_you_mean
from ...ground_truth import GroundTruth, Rules
from ...ground_truth.expressions import names, parse
from ...ground_truth.rules import RulesFunction
from ...laws import Law, PositiveParameter, RealParameter
from ...table import Table
from ..base import Setting, sample_parameter, stated
from .base import FittedWeight, Weight


@fitted
class RegionWeight(FittedWeight):
    """The weight of the first condition that holds; `given` by condition, then the one for where none does."""

    rules: RulesFunction
    given: tuple[tuple[str, Any], ...] = static()

    def sample_parameters(self, prefix: str) -> Any:
        """(conditions + 1,)."""
        return jnp.stack([sample_parameter(f"{prefix}.{name}", weight) for name, weight in self.given])

    def context(self, source: Any) -> Any:
        """Which condition holds first, (..., 1)."""
        return self.rules.labels(source)[..., None]

    def weights(self, parameters: Any, context: Any) -> Any:
        """(..., 1)."""
        return parameters[context]

    def once_drawn(self) -> RegionWeight:
        """The weights are parameters."""
        return dataclasses.replace(self, given=())


@description
class ByRegion(Weight):
    """Weights by conditions in feature names: `where = { "income > 40 and age < 30" = 3, "region == 'west'" = 1 }`.

    `where` holds conditions, tried in order, each with a proportion of at least 0; rows for which none holds get
    `otherwise`. Conditions are written as in the ground truth `rules`.
    """

    where: dict[str, PositiveParameter]
    otherwise: PositiveParameter = 0.0
    kind: Literal["by_region"] = "by_region"

    summary = "in regions of the features, given by conditions"
    paper = "Ghosh et al., 2015"
    depends_on = "features"

    def __post_init__(self) -> None:
        if not any((*self.where.values(), self.otherwise)):
            raise InputError("where must hold at least one condition with a weight above 0; got none.")
        self._rules()

    def _rules(self) -> Rules:
        return Rules({text: text for text in self.where}, "")

    def reads(self, table: Table) -> tuple[str, ...]:
        """Those in the conditions."""
        return tuple(dict.fromkeys(name for text in self.where for name in names(parse(text))))

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Conditions that do not fit the table."""
        own = Problems()
        self._rules().report_problems(table, own)
        for sentence in own.sentences:
            problems.add(f"`{place}.where`: {sentence.partition('`: ')[2] or sentence}")

    def fit(self, setting: Setting) -> RegionWeight:
        """Nothing is learned."""
        named = ((f"where.{text}", weight) for text, weight in self.where.items())
        return RegionWeight(self._rules().fit(setting.table), (*named, ("otherwise", self.otherwise)))

    def explain(self) -> str:
        """In words."""
        return f"in some regions ({'; '.join(f'{text}: {stated(weight)}' for text, weight in self.where.items())})"


@fitted
class ScoreWeight(FittedWeight):
    """sigmoid(intercept + features' weights), `known (features, classes)` or (features, 1), of raw features.

    `unknown (features, laws)` and `shifts (laws,)` make standardised features of those whose weight is a law.
    """

    known: np.ndarray
    intercepts: np.ndarray
    unknown: np.ndarray
    shifts: np.ndarray
    laws: tuple[tuple[str, Any], ...] = static()
    intercept: Any = static()

    def sample_parameters(self, prefix: str) -> Any:
        """The intercept, and the weights that are laws."""
        drawn = [sample_parameter(f"{prefix}.weights.{name}", law) for name, law in self.laws]
        return sample_parameter(f"{prefix}.intercept", self.intercept), drawn

    def context(self, source: Any) -> Any:
        """The known part of the scores, and the features of the rest: (..., classes or 1) and (..., laws)."""
        return _sums(source, self.known, self.intercepts), _sums(source, self.unknown, self.shifts)

    def weights(self, parameters: Any, context: Any) -> Any:
        """(..., classes), or (..., 1) where the score is given."""
        (intercept, drawn), (known, features) = parameters, context
        return jax.nn.sigmoid(known + intercept + sum(each * features[..., i, None] for i, each in enumerate(drawn)))

    def once_drawn(self) -> ScoreWeight:
        """The laws are parameters."""
        return dataclasses.replace(self, laws=(), intercept=0.0)


def _sums(source: Any, weights: np.ndarray, shifts: np.ndarray) -> Any:
    """Shifts + source @ weights, one feature after another, so that a row's sum does not depend on its batch."""
    terms = (jnp.asarray(source)[..., place, None] * constant(weights)[place] for place in range(len(weights)))
    return sum(terms, jnp.broadcast_to(constant(shifts), (*source.shape[:-1], len(shifts))))


@description
class ByScore(Weight):
    """A logistic function of the features: sigmoid(intercept + sum of weight times standardised feature).

    `weights = { income = 1.5, age = -1 }` are per standard deviation; levels count by their codes. Left out, each class
    has weights of its own, standard normal ones fixed by `seed` (bounded instance-dependent noise; Cheng et al., 2020).
    """

    weights: dict[str, RealParameter] | None = None
    intercept: RealParameter = 0.0
    seed: Annotated[int, Field(ge=0)] = 0
    kind: Literal["by_score"] = "by_score"

    summary = "by a logistic function of the features, given or random for each class (BILN)"
    paper = "Cheng et al., 2020"
    depends_on = "features"

    def reads(self, table: Table) -> tuple[str, ...]:
        """Those with a weight; all of them where weights are random."""
        return table.feature_names if self.weights is None else tuple(self.weights)

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown features."""
        for name in self.weights or {}:
            if name not in table.feature_names:
                problems.add(f"`{place}.weights` names {name!r}: {did_you_mean(name, table.feature_names)}")

    def fit(self, setting: Setting) -> ScoreWeight:
        """Means and standard deviations of the table's features."""
        table, given = setting.table, self.weights or {}
        laws = tuple((name, value) for name, value in given.items() if isinstance(value, Law))
        if self.weights is None:
            standard = np.random.default_rng(self.seed).normal(size=(len(table.columns), len(setting.classes)))
        else:
            numbers = {name: value for name, value in given.items() if not isinstance(value, Law)}
            standard = np.array([[numbers.get(name, 0.0)] for name in table.feature_names])
        named = np.array([[float(name == own) for own, _ in laws] for name in table.feature_names])
        known, unknown = (of_raw_features(table, each) for each in (standard, named))
        return ScoreWeight(*known, *unknown, laws, self.intercept)

    def explain(self) -> str:
        """In words."""
        if self.weights is None:
            return f"by a random logistic function of the features for each class (seed {self.seed})"
        return f"by a logistic function of {', '.join(self.weights)}"


def of_raw_features(table: Table, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and intercepts that give the same scores of raw features as `weights` of standardised ones."""
    spread = table.features.std(0)
    raw = weights / np.where(spread > 0, spread, 1.0)[:, None]
    return raw, -table.features.mean(0) @ raw
