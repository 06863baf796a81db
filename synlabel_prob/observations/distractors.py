"""Sets that wrong classes enter independently of each other; the set of all classes allowed, or drawn again."""

from __future__ import annotations

import abc
from typing import Any, Literal

from .._lazy import jnp
from ..arrays import Codes, SetArray, SoftLabelArray
from .base import FittedObservation, at_label, log_of

FullSet = Literal["allowed", "refused"]
"""Whether all classes together, which tell nothing, can be observed; where they are refused, sets are drawn again."""


class IndependentDistractors(FittedObservation):
    """P(S | y) = prod over j in S without y of q_yj, times prod over j not in S of (1 - q_yj).

    Where the full set is refused this is divided by 1 - prod over j of q_yj, which must be above 0.
    """

    full_set: FullSet
    num_classes: int

    @abc.abstractmethod
    def rates(self, parameters: Any, context: Any) -> Any:
        """q, (classes y, classes j), or one a row; the diagonal is not read."""

    @property
    def uniform_dims(self) -> int:
        """One a class."""
        return self.num_classes

    @property
    def _own(self) -> Any:
        return jnp.eye(self.num_classes, dtype=bool)

    def log_chances(self, parameters: Any, context: Any, sets: SetArray) -> SoftLabelArray:
        """Sums of logarithms."""
        rates, sets = self.rates(parameters, context), jnp.asarray(sets)
        each = jnp.where(self._own, 1.0, jnp.where(sets[:, None, :], rates, 1.0 - rates))
        logs = log_of(each).sum(-1)
        if self.full_set == "refused":
            logs = jnp.where(sets.all(-1, keepdims=True), -jnp.inf, logs - jnp.log1p(-self._full(rates)))
        return jnp.where(sets, logs, -jnp.inf)

    def _full(self, rates: Any) -> Any:
        """Probability that all wrong classes enter, (..., classes y)."""
        return jnp.where(self._own, 1.0, rates).prod(-1)

    def inclusion(self, parameters: Any, context: Any) -> Any:
        """The rates, or (q - prod q) / (1 - prod q) where the full set is refused."""
        rates = self.rates(parameters, context)
        if self.full_set == "refused":
            full = self._full(rates)[..., None]
            rates = (rates - full) / (1.0 - full)
        return jnp.where(self._own, 1.0, rates)

    def sets(self, parameters: Any, context: Any, labels: Codes, uniforms: Any) -> SetArray:
        """At higher rates the same classes are in the set and more, where the full set is allowed."""
        rates = jnp.asarray(self.rates(parameters, context))
        own = jnp.arange(self.num_classes) == jnp.asarray(labels)[:, None]
        rates = jnp.where(own, 1.0, at_label(rates, labels, rates.ndim - 2))
        if self.full_set == "allowed":
            return own | (uniforms < rates)
        return own | _not_all(rates, own, uniforms)


def _not_all(rates: Any, own: Any, uniforms: Any) -> Any:
    """Which classes enter given that not all do, (rows, classes): one class after another, exact.

    As long as all before it have entered, class j enters with probability q_j (1 - r_j) / (1 - q_j r_j), r_j the
    probability that all after it do; once one has not, with q_j.
    """
    after = jnp.cumprod(rates[:, ::-1], -1)[:, ::-1]  # with j itself
    later = jnp.concatenate([after[:, 1:], jnp.ones_like(after[:, :1])], -1)
    rest = 1.0 - after
    bound = jnp.where(rest > 0, rates * (1.0 - later) / jnp.where(rest > 0, rest, 1.0), 0.0)
    entered = own | (uniforms < bound)
    all_so_far = jnp.cumprod(entered.astype(int), -1)
    all_before = jnp.concatenate([jnp.ones_like(all_so_far[:, :1]), all_so_far[:, :-1]], -1)
    return jnp.where(all_before == 1, uniforms < bound, uniforms < rates)
