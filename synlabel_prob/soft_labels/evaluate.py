"""Soft labels as an evaluator says: by an exact route where there is one, else at random points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._lazy import jax
from ..errors import InputError
from ..priors import FittedPrior
from .automatic import Automatic
from .averages import Average, Labels, Probabilities
from .bisected import why_no_bisection
from .differences import Differences
from .directions import Directions
from .estimates import SoftLabels
from .evaluators import Evaluator, Exact, Sampler
from .exact import chosen, exact_soft_labels
from .integrand import LabelLaw
from .replicated import Bisection, Preintegration
from .sampling import sampled
from .settled import settled_codes, with_settled
from .tiles import Rows
from .ways import cheap_preintegrand, preintegrand


def evaluate(
    law: LabelLaw,
    prior: FittedPrior,
    rows: Rows,
    evaluator: Evaluator,
    key: Any,
    *,
    memory_budget: int = 2**30,
    progress: Callable[[int, int], None] | None = None,
) -> SoftLabels:
    """Soft labels (rows, classes): the law of the label averaged over the hidden features and theta.

    Exact, or Monte Carlo or quasi-Monte Carlo with standard errors, as the evaluator says. `memory_budget` in bytes
    decides how many tiles are worked on at once and changes no bit of the result. `progress(done, total)` is told of
    evaluations of rows.

    Raises:
        InputError: one row takes more than `memory_budget`; the evaluator is `Exact` and no exact route fits, or
            `Preintegration` or `Bisection` and the ground truth or the prior does not know what that takes.
    """
    with jax.enable_x64(True):
        law, options = law.prepared(), (memory_budget, progress)
        if isinstance(evaluator, Preintegration):
            return _preintegrated(law, prior, rows, evaluator, key, *options)
        if isinstance(evaluator, Bisection):
            return _bisected(law, prior, rows, evaluator, key, *options)
        if isinstance(evaluator, Sampler):
            return sampled(Labels(law, prior), rows, evaluator, key, *options)
        route, reasons = chosen(law, prior, rows, _largest(evaluator))
        if route is not None and not route.asks_for_labels:
            return exact_soft_labels(route, law, prior, rows, *options)
        if route is None and not isinstance(evaluator, Automatic):
            raise InputError(_not_exact(reasons))
        codes = settled_codes(law, rows, memory_budget)
        left = rows.take((codes < 0).nonzero()[0])
        if route is not None:
            return with_settled(exact_soft_labels(route, law, prior, left, *options), codes)
        assert isinstance(evaluator, Automatic)
        average, sampler = _drawn(law, prior, rows, evaluator)
        return with_settled(sampled(average, left, sampler, key, *options), codes)


def _preintegrated(
    law: LabelLaw, prior: FittedPrior, rows: Rows, evaluator: Preintegration, key: Any, *options: Any
) -> SoftLabels:
    """With one direction of the hidden features integrated exactly; where it is the only one, by an exact route."""
    way = preintegrand(law, prior, rows)
    if len(law.hidden) == 1 or (isinstance(way, Directions) and way.dims(prior) == 0):
        route, _ = chosen(law, prior, rows, Exact().largest_exact)
        if route is not None:
            return exact_soft_labels(route, law, prior, rows, *options)
    if isinstance(way, str):
        raise InputError(
            f'`soft_labels` must be preintegrated, but {way}: use `kind = "automatic"`, or change the prior or the '
            "ground truth."
        )
    return sampled(Probabilities(law, prior, way), rows, evaluator, key, *options)


def _bisected(
    law: LabelLaw, prior: FittedPrior, rows: Rows, evaluator: Bisection, key: Any, *options: Any
) -> SoftLabels:
    """By a step function of the only hidden feature, and points that check it."""
    reason = why_no_bisection(law, prior, rows)
    if reason is not None:
        raise InputError(
            f'`soft_labels` must be by bisection, but {reason}: use `kind = "automatic"`, or hide one number by a '
            "prior that has a cdf."
        )
    return sampled(Differences(law, prior, evaluator.start), rows, evaluator, key, *options)


def _drawn(law: LabelLaw, prior: FittedPrior, rows: Rows, evaluator: Automatic) -> tuple[Average, Sampler]:
    """What `automatic` averages where there is no exact route, and at which points."""
    way = cheap_preintegrand(law, prior, rows)
    if way is None:
        return Labels(law, prior), evaluator.sampler
    return Probabilities(law, prior, way), evaluator.smooth_sampler


def _largest(evaluator: Evaluator) -> int:
    assert isinstance(evaluator, Exact | Automatic)
    return evaluator.largest_exact


def _not_exact(reasons: tuple[str, ...]) -> str:
    return (
        "`soft_labels` must be exact and no exact route fits; "
        + "; ".join(reasons)
        + ': use `kind = "automatic"`, or change the prior or the ground truth.'
    )
