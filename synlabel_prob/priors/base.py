"""The contract of a prior over hidden features; a marginal prior is one that conditions on nothing."""

from __future__ import annotations

import abc
import dataclasses
import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import Part, constant, fitted, static
from ..errors import Problems
from ..inference import Diagnostics
from ..table import Column, Table
from .facts import Atoms, Elliptical, Independent

Conditions = Literal["nothing", "observed", "observed_and_label"]


class Row(NamedTuple):
    """What is known of one row; arrays of several rows have them along the first axis.

    Attributes:
        observed: (observed features,).
        label: () the recorded ground-truth code.
        place: () which of the reference rows it is; -1 where it is none of them.
        known: (resampled,) what is known of the features that are resampled, NaN where nothing is; None where the
            table misses no value, which then leaves the hidden features, all unknown.
    """

    observed: Any
    label: Any
    place: Any
    known: Any = None


def filled(row: Row, drawn: Any) -> Any:
    """Resampled features (resampled,), what is known of them in the place of what was drawn."""
    return drawn if row.known is None else jnp.where(jnp.isnan(row.known), drawn, row.known)


@fitted
class Reference:
    """The rows that a prior is fitted to.

    `hidden (rows, hidden features)`, `observed (rows, observed features)`, `labels (rows,)`: the ground-truth codes.
    `suffix` ends the names of theta's dimensions where several priors share a model. `incomplete (rows, incomplete)`
    are observed features that some rows miss: as latent as the hidden ones there, they are resampled together with
    them. It is None where the table misses no value; missing values are NaN, in `hidden` too.
    """

    hidden: np.ndarray
    observed: np.ndarray
    labels: np.ndarray
    hidden_columns: tuple[Column, ...] = static()
    observed_columns: tuple[Column, ...] = static()
    classes: tuple = static()
    suffix: str = static(default="")
    incomplete: np.ndarray | None = None
    incomplete_columns: tuple[Column, ...] = static(default=())

    @property
    def resampled(self) -> np.ndarray:
        """The hidden features, then the incomplete ones, (rows, resampled)."""
        return self.hidden if self.incomplete is None else np.concatenate([self.hidden, self.incomplete], 1)

    @property
    def resampled_columns(self) -> tuple[Column, ...]:
        """Their columns."""
        return self.hidden_columns + self.incomplete_columns

    @property
    def rows(self) -> Row:
        """What is known of the reference rows where the hidden features are hidden."""
        known = None
        if self.incomplete is not None:
            known = np.concatenate([np.full_like(self.hidden, np.nan), self.incomplete], 1)
        return Row(self.observed, self.labels, np.arange(len(self.labels)), known)

    def take(self, places: Any) -> Reference:
        """The reference of some of the rows: positions, a mask or a slice."""
        incomplete = None if self.incomplete is None else self.incomplete[places]
        kept = {name: getattr(self, name)[places] for name in ("hidden", "observed", "labels")}
        return dataclasses.replace(self, incomplete=incomplete, **kept)

    def row(self, place: Any) -> Row:
        """One of them, or several."""
        return jax.tree_util.tree_map(lambda values: values[place], self.rows)


class FittedPrior(abc.ABC):
    """p(hidden | what it conditions on, theta), for one row and one draw of theta; callers batch it with `vmap`.

    `theta` holds the draws that a posterior predictive averages over, stacked along the first axis of every leaf;
    closed-form predictives have exactly one. `hidden (hidden features,)`. Where the table misses values `hidden` is
    `(resampled,)`, the incomplete features after the hidden ones: `quantile` leaves known ones as they are, and
    `log_density` is of those that are neither known nor NaN, given the known ones.
    """

    theta: Any
    has_pit: bool = True
    """Whether `pit` can be asked for."""
    has_density: bool = True
    """Whether `log_density` can."""
    stated: tuple[int, ...] = ()
    """Places of the hidden features whose law the user gave, so that nothing about it was fitted."""
    row_numbers: int = 0
    """How many numbers are worked on for the law of one row, where they are many: it bounds rows done at once."""

    @property
    @abc.abstractmethod
    def uniform_dims(self) -> int:
        """How many uniforms `quantile` takes."""

    @abc.abstractmethod
    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """Uniforms (uniform_dims,) to one draw of the hidden features: the Rosenblatt map, or one with more inputs."""

    @abc.abstractmethod
    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Hidden features to uniforms (hidden features,), one feature after another (Rosenblatt).

        Draws become independent uniforms; where `quantile` takes one uniform a feature this is its inverse. `jitter
        (hidden features,)` in [0, 1) says where inside its jump a discrete feature's uniform falls. Features may come
        in an order of the prior's own.
        """

    @abc.abstractmethod
    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """Log density of the continuous and log probability of the discrete features, summed; exact given theta."""

    @abc.abstractmethod
    def sample_theta(self, *, posterior: bool) -> Any:
        """A NumPyro fragment: one theta from its posterior, or from p(theta); sites start with `prior.`."""

    @property
    def has_cdf(self) -> bool:
        """Whether `cdf` can be asked for, where one feature is hidden."""
        return self.has_pit

    def cdf(self, theta: Any, value: Any, row: Row) -> Any:
        """P(feature <= value) of the only hidden feature; exact where `pit` is."""
        return self.pit(theta, jnp.asarray(value)[None], row, jnp.ones(1))[0]

    @property
    def last_place(self) -> int:
        """The place, among the hidden features, of the one that `pit` takes last; -1 for the last of them."""
        return -1 if self.pit_order is None else self.pit_order[-1]

    def last_cdf(self, theta: Any, hidden: Any, values: Any, row: Row) -> Any:
        """P(feature <= value) of the hidden feature that `pit` takes last, given all others; exact where `pit` is.

        Args:
            theta: one draw.
            hidden: (hidden features,); what they hold at `last_place` does not matter.
            values: (points,), finite.
            row: one row.

        Returns:
            (points,).
        """

        def below(value: Any) -> Any:
            at_value = hidden.at[self.last_place].set(value)
            return self.pit(theta, at_value, row, jnp.ones(len(hidden)))[-1]

        return jax.vmap(below)(values)

    def atoms(self, theta: Any, row: Row) -> Atoms | None:
        """All values, where there are finitely many that the levels of the columns do not say; else None."""
        return None

    def independent(self, theta: Any, row: Row) -> Independent | None:
        """The law as a mixture of independent features; None where it is none."""
        return None

    def elliptical(self, theta: Any, row: Row) -> Elliptical | None:
        """The law as a mixture of normal or Student-t laws; None where it is none."""
        return None

    @property
    def num_theta(self) -> int:
        """How many draws of theta a posterior predictive averages over."""
        leaves = jax.tree_util.tree_leaves(self.theta)
        return int(leaves[0].shape[0]) if leaves else 1

    def theta_at(self, index: Any) -> Any:
        """One draw of theta."""
        return jax.tree_util.tree_map(lambda leaf: constant(leaf)[index], self.theta)

    def coordinates(self) -> dict[str, Sequence]:
        """Labels of the dimensions of theta's sites, by the dimension's name; those of levels go without saying."""
        return {}

    def kept_draws(self) -> dict[str, tuple[tuple[str, ...], Any]]:
        """Draws of theta that the fit kept: site to (names of its dimensions, values); none where drawn afresh."""
        return {}

    def diagnostics(self) -> Diagnostics | None:
        """Whether the kept draws can be trusted; None where no Markov chain made them."""
        return None

    def sample_statistics(self) -> dict[str, np.ndarray]:
        """What the sampler said of each kept draw, by name, (chains, draws); none where nothing was sampled."""
        return {}

    @property
    def pit_order(self) -> tuple[int, ...] | None:
        """Places of the hidden features in the order in which `pit` takes them; None where that is their own."""
        return None

    def reference_model(self) -> Any:
        """A NumPyro model of theta and the reference rows, for NUTS; None where there is nothing to infer."""
        return None


class Prior(Part, abc.ABC):
    """The description of a prior."""

    kind: str
    conditions_on: Conditions
    is_offered: ClassVar[bool] = True
    """Whether messages name it where another prior does not fit."""
    takes: ClassVar[frozenset[str]] = frozenset({"continuous"})
    """The kinds of column that may be hidden."""
    handles_missing: ClassVar[bool] = False
    needs_own_values: ClassVar[bool] = False
    """Whether a row's law is around its own hidden features, so that there is none for a row that it did not see."""
    fits: ClassVar[tuple[str, ...]] = ("exact",)
    """How it can be fitted: `exact`, `gibbs`, `nuts`, `laplace`, `point`; the first is the default."""
    cost: ClassVar[str] = ""
    """What a fit costs, and a draw where that is more than its features."""

    @abc.abstractmethod
    def fit(self, reference: Reference, key: Any) -> FittedPrior:
        """The prior fitted to the reference rows; `key` is used by fits that sample."""

    @abc.abstractmethod
    def explain(self) -> str:
        """One sentence: which law, fitted how, conditioned on what."""

    def report_problems(self, table: Table, hidden: tuple[Column, ...], problems: Problems) -> None:
        """Everything about this prior that does not fit the table."""
        wrong = [f"{column.name!r} ({column.kind})" for column in hidden if column.kind not in self.takes]
        if wrong:
            kinds = {column.kind for column in hidden if column.kind not in self.takes}
            fits = ", ".join(families_for(kinds))
            problems.add(
                f"the prior {self.kind!r} takes {' and '.join(sorted(self.takes))} features; {', '.join(wrong)} "
                f"can be hidden with {fits} (use `product` to give each feature its own prior)."
            )
        if self.conditions_on != "nothing" and len(hidden) >= len(table.columns):
            problems.add(
                f"the prior {self.kind!r} conditions on the observed features, but all {len(hidden)} features are "
                "hidden: keep at least one, or use a marginal prior."
            )

    def report_missing(self, missing: tuple[str, ...], problems: Problems) -> None:
        """Why it cannot do with features that miss values, if there are any."""
        if not missing:
            return
        start = f"features have missing values ({', '.join(missing)}) and the prior {self.kind!r} "
        remedy = "fill them in, drop the rows, or leave the columns out with `data.drop`."
        if not self.handles_missing:
            others = ", ".join(part.kind for part in _families(Prior) if part.handles_missing)
            problems.add(f"{start}does not handle them: use {others}, {remedy}")
        elif self.conditions_on != "observed":
            why = {
                "nothing": "conditions on nothing, so it has no law of the observed ones",
                "observed_and_label": "conditions on the ground-truth label, which a row that misses values lacks",
            }[self.conditions_on]
            problems.add(f'{start}{why}: use `conditions_on = "observed"`, {remedy}')


def by_cdf(prior: FittedPrior, theta: Any, row: Row) -> Independent:
    """The law of a prior's only feature, a number, as one component."""

    def cdf(place: int, values: Any) -> Any:
        return jax.vmap(lambda value: prior.cdf(theta, value, row))(values)[None]

    return Independent(jnp.ones(1), cdf)


def families_for(kinds: Iterable[str]) -> list[str]:
    """The kinds of prior, the user's own included, that take every one of these kinds of column."""
    wanted = set(kinds)
    return [part.kind for part in _families(Prior) if part.is_offered and wanted <= part.takes]


def _families(base: type[Prior]) -> Iterator[type[Prior]]:
    for part in base.__subclasses__():
        if not inspect.isabstract(part):
            yield part
        yield from _families(part)
