"""Any marginal laws, bound together by a Gaussian regression of their normal scores."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import constant, description, fitted, static
from ..errors import InputError
from ..table import Column
from .base import FittedPrior, Prior, Reference, Row, filled
from .categorical import CategoricalLaw
from .design import constant_design, fit_design
from .gaussian_regression import GaussianRegressionPrior, fit_by_gibbs, fit_conjugate
from .kernel_density import Rule, fit_law
from .matrix_normal import conjugate_prior
from .univariate import Law

_EDGE = 1e-9
_DRAWS = 50


@fitted
class GaussianCopulaPrior(FittedPrior):
    """Hidden features to normal scores and back, `scores` being a regression of the hidden scores on the observed.

    `hidden_laws` are of all features that are resampled, `num_hidden` hidden ones first.
    """

    theta: Any
    scores: GaussianRegressionPrior
    hidden_laws: tuple[Law, ...]
    observed_laws: tuple[Law | None, ...]
    num_hidden: int = static()

    @property
    def has_pit(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Where every hidden feature is a number: a level is an interval of scores, which has no uniform of its own.

        With missing values there is none either, because which features are unknown differs from row to row.
        """
        return self.has_density and self.scores.draws is None

    @property
    def has_density(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Where every hidden feature is a number."""
        return not any(law.discrete for law in self.hidden_laws[: self.num_hidden])

    @property
    def uniform_dims(self) -> int:
        """One a hidden feature."""
        return self.scores.uniform_dims

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """Scores given the observed scores, then each marginal's quantile."""
        scores = self.scores.quantile(theta, uniforms, self._scored(row))
        inner = jnp.clip(jax.scipy.special.ndtr(scores), _EDGE, 1 - _EDGE)
        drawn = jnp.stack([law.quantile(inner[place]) for place, law in enumerate(_in_jax(self.hidden_laws))])
        return filled(row, drawn)

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Of the scores; exact but for the tables of the marginals' quantiles."""
        self._refuse_levels()
        return self.scores.pit(theta, self._hidden_scores(hidden), self._scored(row), jitter)

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """Log density of the scores + sum (log marginal density - log normal density of its score)."""
        self._refuse_levels()
        scores = self._hidden_scores(hidden)
        logs = [law.log_density(hidden[place]) for place, law in enumerate(_in_jax(self.hidden_laws))]
        change = jnp.stack(logs) + 0.5 * scores**2 + 0.5 * np.log(2 * np.pi)
        if row.known is not None:
            change = jnp.where(jnp.isnan(row.known) & ~jnp.isnan(hidden), change, 0.0)
        return self.scores.log_density(theta, scores, self._scored(row)) + change.sum()

    def _refuse_levels(self) -> None:
        if not self.has_density:
            raise InputError(
                "a Gaussian copula with hidden levels has draws but no closed density or `pit`: use `chained` or "
                "`joint_mixture` where these are needed."
            )

    def _hidden_scores(self, hidden: Any) -> Any:
        return jnp.stack([_score(law, hidden[place]) for place, law in enumerate(_in_jax(self.hidden_laws))])

    def _scored(self, row: Row) -> Row:
        """The observed numbers and ordinals as scores; categories stay codes."""
        values = jnp.asarray(row.observed)
        pairs = zip(values, _in_jax(self.observed_laws), strict=True)
        made = [value if law is None else _score(law, value) for value, law in pairs]
        known = None if row.known is None else self._hidden_scores(row.known)
        return row._replace(observed=jnp.stack(made) if made else values, known=known)

    def sample_theta(self, *, posterior: bool) -> Any:
        """The regression's."""
        return self.scores.sample_theta(posterior=posterior)

    def coordinates(self) -> dict[str, Sequence]:
        """The regression's."""
        return self.scores.coordinates()

    def kept_draws(self) -> dict[str, tuple[tuple[str, ...], Any]]:
        """The regression's."""
        return self.scores.kept_draws()


def _in_jax(laws: tuple) -> tuple:
    """The laws with arrays that a traced function can index."""
    return jax.tree_util.tree_map(constant, laws)


def _score(law: Law, value: Any) -> Any:
    """The normal quantile of the cdf; of a level the middle of its jump; NaN of NaN."""
    score = jax.scipy.special.ndtri(jnp.clip(law.cdf(jnp.nan_to_num(value), 0.5), _EDGE, 1 - _EDGE))
    return jnp.where(jnp.isnan(value), jnp.nan, score)


@description
class GaussianCopula(Prior):
    """Marginals as the data have them, and dependence that is normal in their normal scores.

    Numbers have kernel densities, levels their frequencies; the scores of the hidden features, Phi^-1(F(h)), follow a
    conjugate Gaussian regression on those of the observed ones (nonparanormal: Liu, Lafferty & Wasserman, 2009). An
    observed ordinal enters by the middle score of its level, an observed category by indicators. A hidden level is an
    interval of scores; categories take the order of their levels, so use `chained` where that means nothing. Marginals
    are plugged in, the regression's parameters integrated out.
    """

    conditions_on: Literal["nothing", "observed", "observed_and_label"] = "observed"
    bandwidth: Rule = "scott"
    kind: Literal["gaussian_copula"] = "gaussian_copula"

    summary = "kernel or frequency marginals, Gaussian dependence of their scores; joint; any kind"
    takes = frozenset({"continuous", "ordinal", "categorical"})
    handles_missing = True
    fits = ("exact",)
    cost = "that of kernel_density and gaussian_regression"

    def fit(self, reference: Reference, key: Any) -> GaussianCopulaPrior:
        """Exact given the marginals, by Gibbs sampling where values are missing.

        There is a density only where every hidden feature is a number.
        """
        columns = zip(reference.resampled_columns, reference.resampled.T, strict=True)
        hidden = tuple(self._law(column, values[~np.isnan(values)]) for column, values in columns)
        observed = tuple(
            None if column.kind == "categorical" else self._law(column, values)
            for column, values in zip(reference.observed_columns, reference.observed.T, strict=True)
        )
        scored = _scored_reference(reference, hidden, observed)
        if self.conditions_on == "nothing":
            design = constant_design()
        else:
            design = fit_design(scored, with_label=self.conditions_on == "observed_and_label")
        if scored.incomplete is not None:
            scores = fit_by_gibbs(scored, design, _DRAWS, key)
            return GaussianCopulaPrior(scores.theta, scores, hidden, observed, len(reference.hidden_columns))
        prior = conjugate_prior(len(design.names), len(hidden), 10.0, 0.1)
        scores = fit_conjugate(scored, design, prior, fit_by="exact", draws=1, key=key)
        return GaussianCopulaPrior(scores.theta, scores, hidden, observed, len(reference.hidden_columns))

    def _law(self, column: Column, values: np.ndarray) -> Law:
        if column.kind == "continuous" and np.ptp(values) > 0:
            return fit_law(values, self.bandwidth)
        size = len(column.levels) or 1
        counts = np.bincount(values.astype(int) if column.levels else np.zeros(len(values), int), minlength=size) + 0.5
        return CategoricalLaw(counts / counts.sum())

    def explain(self) -> str:
        """In words."""
        label = " and the label" if self.conditions_on == "observed_and_label" else ""
        given = "" if self.conditions_on == "nothing" else f" given the observed ones{label}"
        return (
            f"jointly by a Gaussian copula{given} (kernel densities and level frequencies as marginals, a conjugate "
            "regression of their normal scores)"
        )


def _scored_reference(reference: Reference, hidden: tuple[Law, ...], observed: tuple[Law | None, ...]) -> Reference:
    """The reference rows as scores, which are numbers; observed categories stay as they are."""
    columns = tuple(
        column if law is None else dataclasses.replace(column, kind="continuous", levels=())
        for column, law in zip(reference.observed_columns, observed, strict=True)
    )
    size, resampled = reference.hidden.shape[1], _scores(reference.resampled, hidden)
    as_numbers = tuple(dataclasses.replace(it, kind="continuous", levels=()) for it in reference.resampled_columns)
    return dataclasses.replace(
        reference,
        hidden=resampled[:, :size],
        observed=_scores(reference.observed, observed),
        hidden_columns=as_numbers[:size],
        observed_columns=columns,
        incomplete=None if reference.incomplete is None else resampled[:, size:],
        incomplete_columns=as_numbers[size:],
    )


def _scores(values: np.ndarray, laws: tuple[Law | None, ...]) -> np.ndarray:
    with jax.enable_x64(True):
        columns = [
            column if law is None else np.asarray(jax.vmap(functools.partial(_score, law))(column))
            for column, law in zip(values.T, _in_jax(laws), strict=True)
        ]
    return np.stack(columns, 1) if columns else values
