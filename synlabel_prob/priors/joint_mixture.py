"""A Bayesian mixture over hidden and observed features of any kind, whose conditionals have a closed form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field

from .._lazy import dist, jax, jnp, numpyro
from ..descriptions import constant, description, fitted, static
from . import gibbs
from .base import Prior, Reference, Row
from .gibbs import MixtureParameters, Setting
from .mixture_columns import Columns, arrays, names_of
from .mixture_law import MixtureLaw, MixturePrior
from .whitened import Normal, normal


class Conditional(NamedTuple):
    """A mixture's parameters as the law of the hidden given the observed numbers; leading axes (draws, components).

    `slopes (..., observed, hidden)`, `scales (..., hidden, hidden)`, `observed_roots (..., observed, observed)`:
    precision roots of the observed numbers alone. `levels`: a table (..., levels) for each discrete column.
    """

    log_weights: Any
    observed_locations: Any
    observed_roots: Any
    locations: Any
    slopes: Any
    scales: Any
    levels: tuple


def conditional(parameters: MixtureParameters, observed: int) -> Conditional:
    """By the precision matrix: Cov(h | o) is the inverse of its hidden block; exact."""
    roots = parameters.precision_roots
    precision = roots @ jnp.swapaxes(roots, -1, -2)
    covariance = jnp.linalg.inv(precision)
    hidden = jnp.linalg.inv(precision[..., observed:, observed:])
    slopes = -jnp.swapaxes(hidden @ precision[..., observed:, :observed], -1, -2)
    own = jnp.linalg.inv(covariance[..., :observed, :observed]) if observed else precision[..., :0, :0]
    return Conditional(
        log_weights=jnp.log(parameters.weights),
        observed_locations=parameters.locations[..., :observed],
        observed_roots=jnp.linalg.cholesky(own),
        locations=parameters.locations[..., observed:],
        slopes=slopes,
        scales=jnp.linalg.cholesky(hidden),
        levels=parameters.probabilities,
    )


@fitted
class JointMixturePrior(MixturePrior):
    """The average over kept draws of theta is a mixture of all their components; `theta` holds them as one (1, ...).

    `likelihoods (chains, sweeps)` of the reference rows given each sweep's parameters tell whether the chains agree.
    """

    theta: Any
    columns: Columns
    kept: MixtureParameters
    likelihoods: np.ndarray
    normal: Normal
    setting: Setting = static()
    hidden: tuple[str, ...] = static()
    names: tuple[tuple[str, ...], tuple[str, ...]] = static()
    suffix: str = static(default="")
    has_pit: bool = static(default=True)

    @property
    def row_numbers(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """All components of all draws."""
        return int(np.prod(np.shape(self.kept.locations))) * 3

    def law(self, theta: Any, row: Row) -> MixtureLaw:
        """Components weighted by how well they explain what is observed, draw by draw; exact given the draws."""
        numbers, codes = self.columns.observed(row)
        residual = numbers - theta.observed_locations
        whitened = jnp.einsum("ski,skij->skj", residual, theta.observed_roots)
        volume = jnp.log(jnp.diagonal(theta.observed_roots, axis1=-2, axis2=-1)).sum(-1)
        logs = theta.log_weights + volume - 0.5 * (whitened**2).sum(-1)
        for table, code in zip(theta.levels[: len(codes)], codes, strict=True):
            logs = logs + jnp.log(table[..., code])
        weights = jax.nn.log_softmax(logs, axis=1) - jnp.log(logs.shape[0])
        observed = len(self.columns.observed_numbers)
        means, scales = constant(self.columns.means)[observed:], constant(self.columns.scales)[observed:]
        locations = means + scales * (theta.locations + jnp.einsum("ski,skij->skj", residual, theta.slopes))
        return MixtureLaw(
            weights.reshape(-1),
            _of_all_draws(locations),
            _of_all_draws(scales[:, None] * theta.scales),
            tuple(_of_all_draws(table) for table in theta.levels[len(codes) :]),
            self.normal,
            self.columns.hidden_numbers,
            self.columns.hidden_levels,
        )

    def sample_theta(self, *, posterior: bool) -> Any:
        """One of the kept draws, or parameters from their prior."""
        if posterior:
            num = len(self.kept.weights)
            index = numpyro.sample("prior.draw", dist.CategoricalProbs(jnp.full(num, 1.0 / num)))
            drawn = jax.tree_util.tree_map(lambda leaf: constant(leaf)[index][None], self.kept)
        else:
            drawn = jax.tree_util.tree_map(lambda leaf: leaf[None], self._from_prior())
        return conditional(drawn, len(self.columns.observed_numbers))

    def _from_prior(self) -> MixtureParameters:
        setting, size = self.setting, np.shape(self.kept.locations)[-1]
        component = f"component{self.suffix}"
        with numpyro.plate(component, setting.components):
            sticks = numpyro.sample("prior.sticks", dist.Beta(1.0, setting.concentration))
            scatter = setting.variance * jnp.eye(size)
            law = dist.InverseWishartCholesky(size + 2.0, scale_matrix=scatter)
            dims = [f"number{self.suffix}", f"number_bis{self.suffix}"]
            root = numpyro.sample("prior.covariance_root", law, infer={"event_dims": dims}) if size else scatter
            centers = dist.MultivariateNormal(jnp.zeros(size), scale_tril=root / np.sqrt(setting.variance))
            if size:
                locations = numpyro.sample("prior.locations", centers, infer={"event_dims": dims[:1]})
            else:
                locations = jnp.zeros((setting.components, 0))
            tables = tuple(
                numpyro.sample(f"prior.probabilities_{name}", _flat_dirichlet(levels), infer=_event(f"level_{name}"))
                for name, levels in zip(self.names[1], setting.level_counts, strict=True)
            )
        weights = _broken(sticks)
        roots = _precision_roots(root) if size else jnp.zeros((setting.components, 0, 0))
        return MixtureParameters(weights, locations, roots, tables)

    def kept_draws(self) -> dict[str, tuple[tuple[str, ...], Any]]:
        """Weights, means and level probabilities of the components; their numbers mean nothing from draw to draw."""
        component, number = f"component{self.suffix}", f"number{self.suffix}"
        kept = jax.tree_util.tree_map(np.asarray, self.kept)
        found: dict[str, tuple[tuple[str, ...], Any]] = {"prior.weights": ((component,), kept.weights)}
        if self.names[0]:
            found["prior.locations"] = ((component, number), kept.locations)
        for name, table in zip(self.names[1], kept.probabilities, strict=True):
            found[f"prior.probabilities_{name}"] = ((component, f"level_{name}"), table)
        return found

    def coordinates(self) -> dict[str, Sequence]:
        """Names of the numbers."""
        return {f"number{self.suffix}": self.names[0], f"number_bis{self.suffix}": self.names[0]}


def _of_all_draws(values: Any) -> Any:
    """Arrays (draws, components, ...) as (draws * components, ...)."""
    return values.reshape(values.shape[0] * values.shape[1], *values.shape[2:])


def _flat_dirichlet(levels: int) -> Any:
    return dist.Dirichlet(jnp.full(levels, gibbs.LEVEL_CONCENTRATION))


def _event(*dims: str) -> dict[str, list[str]]:
    return {"event_dims": list(dims)}


def _broken(sticks: Any) -> Any:
    sticks = sticks.at[-1].set(1.0)
    return sticks * jnp.concatenate([jnp.ones(1, sticks.dtype), jnp.cumprod(1.0 - sticks[:-1])])


def _precision_roots(covariance_roots: Any) -> Any:
    inverse = jnp.linalg.inv(covariance_roots)
    return jnp.linalg.cholesky(jnp.swapaxes(inverse, -1, -2) @ inverse)


@description
class JointMixture(Prior):
    """All features jointly by a Bayesian mixture, and from it the law of the hidden given the observed ones.

    In a component the numbers are normal with a covariance of their own and levels independent of each other; how many
    components are used follows from the data, up to `components` (a truncated Dirichlet process with `concentration`).
    `residual_scale` is the expected deviation inside a component, in standard deviations of the data. With
    `conditions_on = "nothing"` it is a mixture over the hidden features alone. Fitted by Gibbs sampling: `draws` of the
    parameters in two chains, after `warmup` sweeps each, one kept every `thin` sweeps.
    """

    conditions_on: Literal["nothing", "observed", "observed_and_label"] = "observed"
    components: Annotated[int, Field(ge=1, le=200)] = 20
    concentration: Annotated[float, Field(gt=0, le=1e6)] = 1.0
    residual_scale: Annotated[float, Field(ge=1e-3, le=1e3)] = 0.5
    draws: Annotated[int, Field(ge=2, le=10_000)] = 50
    warmup: Annotated[int, Field(ge=1, le=1_000_000)] = 300
    thin: Annotated[int, Field(ge=1, le=10_000)] = 10
    kind: Literal["joint_mixture"] = "joint_mixture"

    summary = "Bayesian mixture over all features (or the hidden alone), conditionals in closed form; joint; any kind"
    takes = frozenset({"continuous", "ordinal", "categorical"})
    handles_missing = True
    fits = ("gibbs",)
    cost = "sweeps x rows x components x numbers^2; draws x components for each row"

    def fit(self, reference: Reference, key: Any) -> JointMixturePrior:
        """Kept draws of a blocked Gibbs sampler; Monte Carlo."""
        columns, numbers, codes, counts = arrays(reference, self.conditions_on)
        missing = gibbs.missing_entries(numbers, codes)
        numbers, codes = np.nan_to_num(numbers), np.nan_to_num(codes).astype(np.int64)
        setting = Setting(self.components, self.concentration, self.residual_scale**2, counts)
        run = gibbs.sampler(setting, self.warmup, -(-self.draws // _CHAINS), self.thin)
        with jax.enable_x64(True):
            starts = np.stack([_start(numbers, codes, chain, self.components) for chain in range(_CHAINS)])
            keys = jax.random.split(key, _CHAINS)
            chains = jax.vmap(run, (0, None, None, 0, None))
            draws, likelihoods = chains(keys, jnp.asarray(numbers), jnp.asarray(codes), starts, missing)
            kept = jax.tree_util.tree_map(lambda leaf: _of_all_draws(np.asarray(leaf)), draws)
            size = len(columns.observed_numbers)
            theta = jax.tree_util.tree_map(lambda leaf: np.asarray(leaf)[None], conditional(kept, size))
        return JointMixturePrior(
            theta=theta,
            columns=columns,
            kept=kept,
            setting=setting,
            likelihoods=np.asarray(likelihoods),
            normal=normal(len(columns.hidden_numbers)),
            has_pit=reference.incomplete is None,
            hidden=tuple(column.name for column in reference.resampled_columns),
            names=names_of(reference, columns),
            suffix=reference.suffix,
        )

    def explain(self) -> str:
        """In words."""
        given = {
            "nothing": "the hidden features alone",
            "observed": "all features, given the observed ones",
            "observed_and_label": "all features and the ground-truth label, given the observed ones and the label",
        }[self.conditions_on]
        return (
            f"jointly by a Bayesian mixture of up to {self.components} components over {given} ({self.draws} draws of "
            "its parameters by Gibbs sampling)"
        )


_CHAINS = 2


def _start(numbers: np.ndarray, codes: np.ndarray, chain: int, components: int) -> np.ndarray:
    """Rows cut into a few groups along a direction that differs from chain to chain."""
    scores = np.random.default_rng(chain).normal(size=numbers.shape[1] + codes.shape[1])
    line = np.concatenate([numbers, codes], 1) @ scores
    groups = min(components, 5)
    return np.argsort(np.argsort(line, kind="stable"), kind="stable") * groups // len(line)
