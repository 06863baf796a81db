"""Missing labels: at random, by class, or more often where a weight says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import jax, jnp, numpyro
from ..annotators import Sources
from ..arrays import Codes, SetArray, SoftLabelArray
from ..descriptions import constant, description, fitted, one_of, static
from ..errors import InputError, Problems, did_you_mean
from ..ground_truth import GroundTruth
from ..laws import Law, UnitParameter
from ..noise import WEIGHTS, FittedWeight, Setting, Weight
from ..noise.base import class_codes, mean_of, sample_parameter, stated
from ..noise.rates import scale_to_mean
from ..table import Table
from .base import PREFIX, FittedObservation, Observation, at_label, log_of

if TYPE_CHECKING:
    AnyWeight = Weight
else:
    AnyWeight = one_of(Weight, WEIGHTS)


class FittedMissing(FittedObservation):
    """A label is missing with probability `missing`; else it is observed."""

    @property
    def uniform_dims(self) -> int:
        """One: whether it is missing."""
        return 1

    def missing(self, parameters: Any, context: Any) -> Any:
        """The probability that a label of each class is missing, (classes,) or (rows, classes)."""
        return parameters

    def log_chances(self, parameters: Any, context: Any, sets: SetArray) -> SoftLabelArray:
        """Of all classes and of one alone; no other set can be observed."""
        missing, sets = self.missing(parameters, context), jnp.asarray(sets)
        size, full = sets.sum(-1, keepdims=True), sets.all(-1, keepdims=True)
        chance = jnp.where(full, missing, 0.0) + jnp.where(size == 1, 1.0 - missing, 0.0)
        return log_of(jnp.where(sets, chance, 0.0))

    def inclusion(self, parameters: Any, context: Any) -> Any:
        """All wrong classes come along at once."""
        missing = jnp.asarray(self.missing(parameters, context))[..., None]
        return jnp.where(jnp.eye(missing.shape[-2], dtype=bool), 1.0, missing)

    def sets(self, parameters: Any, context: Any, labels: Codes, uniforms: Any) -> SetArray:
        """At a higher rate the same labels are missing and more."""
        missing = jnp.asarray(self.missing(parameters, context))
        lost = uniforms[..., 0] < at_label(missing, labels, missing.ndim - 1)
        return lost[:, None] | (jnp.arange(missing.shape[-1]) == jnp.asarray(labels)[:, None])


@fitted
class MissingByClass(FittedMissing):
    """One rate for all classes, or one each (code, rate); a class without one is never missing."""

    rate: Any = static()
    rates: tuple[tuple[int, Any], ...] = static()
    classes: tuple = static()

    def sample_parameters(self) -> Any:
        """One rate a class, (classes,)."""
        if self.rate is not None:
            return jnp.broadcast_to(sample_parameter(f"{PREFIX}.rate", self.rate), (len(self.classes),))
        sampled = {code: sample_parameter(f"{PREFIX}.rate.{self.classes[code]}", rate) for code, rate in self.rates}
        return jnp.stack([sampled.get(code, jnp.asarray(0.0)) for code in range(len(self.classes))])


@fitted
class MissingByWeight(FittedMissing):
    """Rates min(largest_rate, c weight), with c such that their mean over the noisy soft labels is `rate`.

    `row_context` is that of weights by observed features, which every row has already.
    """

    weight: FittedWeight
    row_context: Any
    reads_soft_label: bool = static()
    rate: Any = static()
    largest_rate: float = static()
    num_classes: int = static()

    @property
    def needs(self) -> frozenset[str]:
        """The noisy soft labels, on which the rate is reached, and those before any noise for weights by these."""
        return frozenset({"noisy_soft_label", *(("soft_label",) if self.reads_soft_label else ())})

    def sample_parameters(self) -> Any:
        """The rate, and those of the weight."""
        rate = sample_parameter(f"{PREFIX}.rate", self.rate)
        return rate, self.weight.sample_parameters(f"{PREFIX}.more_often")

    def context(self, sources: Sources) -> Any:
        """The weight's."""
        found = self.weight.context(sources.soft_label) if self.reads_soft_label else self.row_context
        return jax.tree_util.tree_map(constant, found)

    def _weights(self, parameters: Any, context: Any, law: Any) -> Any:
        """Of every row, (rows, classes)."""
        return jnp.broadcast_to(self.weight.weights(parameters, context), law.shape)

    def settled(self, parameters: Any, sources: Sources) -> Any:
        """The constant c that reaches the rate, or the largest rate that can be reached."""
        (rate, weighing), law = parameters, jnp.asarray(sources.noisy_soft_label)
        weights = self._weights(weighing, self.context(sources), law)
        shares = jnp.where(weights > 0, law, 0.0) / len(law)
        target = jnp.minimum(rate, self.largest_rate * shares.sum())
        return scale_to_mean(weights.ravel(), target, self.largest_rate, shares.ravel()), weighing

    def missing(self, parameters: Any, context: Any) -> Any:
        """(rows, classes), or (classes,) where no row differs."""
        scale, weighing = parameters
        rates = jnp.minimum(self.largest_rate, scale * self.weight.weights(weighing, context))
        return jnp.broadcast_to(rates, (*rates.shape[:-1], self.num_classes))

    def check_reach(self, sources: Sources) -> None:
        """Whether enough labels can be missing.

        Raises:
            InputError: they cannot.
        """
        weighing = numpyro.handlers.seed(self.weight.sample_parameters, 0)("")
        law = np.asarray(sources.noisy_soft_label)
        weights = self._weights(weighing, self.context(sources), law)
        share = float(np.where(weights > 0, law, 0.0).sum() / len(law))
        if mean_of(self.rate) > self.largest_rate * share * (1 + 1e-12):
            raise InputError(
                f"`observation.rate` is {stated(self.rate)}, but only {share:.1%} of labels can be missing (the others "
                f"have weight 0), so a mean rate above {self.largest_rate * share:.3g} is out of reach: lower it"
                + ("." if self.largest_rate == 1 else f", or raise largest_rate = {self.largest_rate:g}.")
            )


@description
class Missing(Observation):
    """Labels are missing: a share `rate` of them, or by class a share `rates`; the others are observed.

    Alone, `rate` is missing completely at random. `rates = { setosa = 0.1 }` are by class; classes that are not named
    are never missing. `more_often` is a weight: the rate of a row's class is min(largest_rate, c weight), with c such
    that the mean over the noisy soft labels is exactly `rate`. `largest_rate` is the rate that no row passes.
    """

    rate: UnitParameter | None = None
    rates: dict[str, UnitParameter] | None = None
    more_often: AnyWeight | None = None
    largest_rate: Annotated[float, Field(gt=0, le=1)] = 1.0
    kind: Literal["missing"] = "missing"

    summary = "labels missing: at random, by class, or more often where a weight says"
    paper = "Elkan & Noto, 2008, by class"

    def __post_init__(self) -> None:
        """What is wrong whatever the table."""
        if (self.rate is None) == (not self.rates):
            got = "both" if self.rates else "none"
            raise InputError(f"rate must be given for all labels, or `rates` by class; got {got}.")
        if self.rates and self.more_often is not None:
            raise InputError("more_often must be left out with `rates`, which it cannot spread; got both.")
        if self.more_often is None and self.largest_rate != 1.0:
            raise InputError("largest_rate must be left out without `more_often`, which it caps; got it alone.")
        if self.rate is not None and not isinstance(self.rate, Law) and self.rate > self.largest_rate:
            raise InputError(f"rate must be at most largest_rate = {self.largest_rate:g}; got {self.rate:g}.")

    @property
    def needs(self) -> frozenset[str]:
        """As fitted."""
        if self.more_often is None:
            return frozenset()
        own = ("soft_label",) if self.more_often.depends_on == "soft_label" else ()
        return frozenset({"noisy_soft_label", *own})

    def report_problems(
        self, table: Table, hidden: Sequence[str], ground_truth: GroundTruth, problems: Problems
    ) -> None:
        """Unknown classes, those of the weight, and weights by hidden features."""
        known = [str(value) for value in ground_truth.class_values(table)]
        for name in self.rates or {}:
            if name not in known:
                problems.add(f"`observation.rates` names the class {name!r}: {did_you_mean(name, known)}")
        if self.more_often is None:
            return
        self.more_often.report_problems("observation.more_often", table, ground_truth, problems)
        unknown = {*hidden, *table.missing()}.intersection(self.more_often.reads(table))
        if unknown:
            problems.add(
                f"`observation.more_often` = {self.more_often.kind!r} goes by {_listed(sorted(unknown))}, hidden or "
                "with missing values, which whoever records a label does not have: let it go by the soft label or by "
                "observed features alone (by_region, or by_score with `weights`)."
            )

    def fit(self, setting: Setting) -> FittedMissing:
        """Weights by observed features at the rows of the table; nothing else is learned."""
        if self.more_often is None:
            codes = class_codes(self.rates or {}, setting.classes)
            return MissingByClass(self.rate, tuple(codes.items()), setting.classes)
        weight, by = self.more_often.fit(setting), self.more_often.depends_on
        own = None if by == "soft_label" else jax.tree_util.tree_map(np.asarray, weight.context(setting.table.features))
        options = (self.rate, self.largest_rate, len(setting.classes))
        return MissingByWeight(weight, own, by == "soft_label", *options)

    def explain(self) -> str:
        """In words."""
        if self.rates:
            return f"labels are missing by class ({', '.join(f'{k} {stated(v)}' for k, v in self.rates.items())})"
        assert self.rate is not None
        if self.more_often is None:
            return f"a share {stated(self.rate)} of labels is missing, completely at random"
        return f"a share {stated(self.rate)} of labels is missing, more often {self.more_often.explain()}"


def _listed(names: Sequence[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more features" if len(names) > most else "")
