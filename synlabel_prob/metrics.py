"""Distances, entropies and agreement between label distributions, and diagnostics of transition matrices.

A label distribution is a row of a soft-label array of shape `(rows, classes)`: probabilities that sum to 1.
Below, `u` and `v` are the rows of the first and the second argument for the same object, sums run over the
classes, logarithms are natural (nats) and 0 log 0 = 0. Unless a function says otherwise it returns one
float64 per row, shape `(rows,)`.

Every measure is exact up to float64 rounding; none is Monte Carlo. Rounding never leaves the stated bounds,
and an infinite value stays infinite. A row sum may miss 1 by at most `ROW_SUM_TOLERANCE`; the row is then
divided by its sum, except where ties decide (plurality): tied means equal as float64, in the values as given.

Every public function raises `InputError` where an array is empty, has the wrong shape or does not have label
distributions as rows, and where two arrays differ in shape.

Sources: Kullback & Leibler (1951); Lin (1991) for Jensen-Shannon; Brier (1950); Cover & Thomas, "Elements of
Information Theory"; the mean total variation distance follows de Vries & Thierens, arXiv 2309.04318.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Integer
from numpy.typing import ArrayLike

from synlabel_prob.errors import InputError

ROW_SUM_TOLERANCE = 1e-6

SoftLabels = Float[np.ndarray, "rows classes"]
HardLabels = Integer[np.ndarray, "rows"]
RowValues = Float[np.ndarray, "rows"]
RowFlags = Bool[np.ndarray, "rows"]
Transition = Float[np.ndarray, "*rows classes classes"]
TransitionValues = Float[np.ndarray, "*rows"]
TransitionFlags = Bool[np.ndarray, "*rows"]


class MeanKullbackLeibler(NamedTuple):
    """The mean over the rows whose divergence is finite (nan if none is), and how many rows are infinite."""

    mean_of_finite: float
    infinite_rows: int
    rows: int


class Plurality(NamedTuple):
    """The most likely class of each row, the lowest code where several tie, and which rows tie."""

    codes: HardLabels
    tied: RowFlags


class PluralityAgreement(NamedTuple):
    """Fraction of rows that share a most likely class, and fraction of rows with a tie on either side."""

    agreement: float
    tie_rate: float


class PluralityAccuracy(NamedTuple):
    """Accuracy when ties go to the lowest code, and expected accuracy when ties are broken at random."""

    lowest_index: float
    tie_aware: float


def total_variation(first: SoftLabels, second: SoftLabels) -> RowValues:
    """Total variation distance of each row, (1/2) sum |u - v|, in [0, 1]; symmetric."""
    first, second = _distributions(first=first, second=second)
    return np.minimum(0.5 * np.abs(first - second).sum(axis=1), 1.0)


def mean_total_variation(first: SoftLabels, second: SoftLabels) -> float:
    """Mean over the rows of the total variation distance (MTVD), in [0, 1]; symmetric."""
    return float(total_variation(first, second).mean())


def entropy(soft: SoftLabels) -> RowValues:
    """Shannon entropy of each row, -sum u log u, in [0, log classes]; exactly 0 for a certain label."""
    (soft,) = _distributions(soft=soft)
    # Subtracted from zero, because negating would give -0.0 for a certain label.
    return np.minimum(0.0 - (soft * _log_where_positive(soft)).sum(axis=1), np.log(soft.shape[1]))


def normalised_entropy(soft: SoftLabels) -> RowValues:
    """Entropy of each row divided by log classes, in [0, 1]; 0 where there is one class only."""
    values = entropy(soft)
    classes = np.shape(soft)[1]
    return values / np.log(classes) if classes > 1 else values


def kullback_leibler(first: SoftLabels, second: SoftLabels) -> RowValues:
    """Kullback-Leibler divergence KL(u || v) = sum u log(u / v) of each row, in [0, inf]; not symmetric.

    It is infinite where `second` gives probability 0 to a class that `first` does not, and stays so.
    """
    first, second = _distributions(first=first, second=second)
    values = np.maximum(_divergence_terms(first, second).sum(axis=1), 0.0)
    return np.where(_excluded(first, second), np.inf, values)


def mean_kullback_leibler(first: SoftLabels, second: SoftLabels) -> MeanKullbackLeibler:
    """Mean of KL(u || v) over the rows where it is finite, with the infinite rows counted beside it."""
    values = kullback_leibler(first, second)
    finite = values[np.isfinite(values)]
    mean = float(finite.mean()) if finite.size else float("nan")
    return MeanKullbackLeibler(mean, values.size - finite.size, values.size)


def jensen_shannon(first: SoftLabels, second: SoftLabels) -> RowValues:
    """Jensen-Shannon divergence of each row, in [0, log 2]; symmetric. The divergence, not its square root.

    (1/2) KL(u || m) + (1/2) KL(v || m) with m = (u + v) / 2.
    """
    first, second = _distributions(first=first, second=second)
    middle = 0.5 * first + 0.5 * second
    terms = 0.5 * _divergence_terms(first, middle) + 0.5 * _divergence_terms(second, middle)
    return np.clip(terms.sum(axis=1), 0.0, np.log(2.0))


def hellinger(first: SoftLabels, second: SoftLabels) -> RowValues:
    """Hellinger distance of each row, sqrt((1/2) sum (sqrt u - sqrt v)^2), in [0, 1]; symmetric."""
    first, second = _distributions(first=first, second=second)
    squares = (np.sqrt(first) - np.sqrt(second)) ** 2
    return np.minimum(np.sqrt(0.5 * squares.sum(axis=1)), 1.0)


def bhattacharyya(first: SoftLabels, second: SoftLabels) -> RowValues:
    """Bhattacharyya coefficient of each row, sum sqrt(u v), in [0, 1]; 1 where equal; symmetric."""
    first, second = _distributions(first=first, second=second)
    return np.minimum((np.sqrt(first) * np.sqrt(second)).sum(axis=1), 1.0)


def cross_entropy(*, truth: SoftLabels, forecast: SoftLabels) -> RowValues:
    """Expected log loss of each row, -sum u log v = entropy(u) + KL(u || v), in [0, inf].

    `u` is `truth`, the distribution that labels are drawn from, and `v` is `forecast`; infinite where the
    forecast excludes a class that can occur. By keyword, because the order matters and is easily swapped.
    """
    truth, forecast = _distributions(truth=truth, forecast=forecast)
    values = 0.0 - (truth * _log_where_positive(forecast)).sum(axis=1)
    return np.where(_excluded(truth, forecast), np.inf, values)


def soft_brier(first: SoftLabels, second: SoftLabels) -> RowValues:
    """Brier score of each row against a soft label, sum (u - v)^2, in [0, 2]; symmetric.

    This is the regret: 0 for a perfect forecast. Two classes are not halved.
    """
    first, second = _distributions(first=first, second=second)
    return ((first - second) ** 2).sum(axis=1)


def expected_brier(*, forecast: SoftLabels, truth: SoftLabels) -> RowValues:
    """Expected Brier score of each row against a hard label drawn from `truth`, in [0, 2].

    The regret `soft_brier(forecast, truth)` plus sum u (1 - u), `u` being `truth`, which no forecast avoids.
    By keyword, because the order matters and is easily swapped.
    """
    forecast, truth = _distributions(forecast=forecast, truth=truth)
    regret = ((forecast - truth) ** 2).sum(axis=1)
    irreducible = (truth * (1.0 - truth)).sum(axis=1)
    return np.minimum(regret + irreducible, 2.0)


def plurality(soft: SoftLabels) -> Plurality:
    """The most likely class of each row (lowest code where several tie), and whether the row ties."""
    (soft,) = _checked(soft=soft)
    most_likely = _most_likely(soft)
    return Plurality(most_likely.argmax(axis=1), most_likely.sum(axis=1) > 1)


def plurality_agreement(first: SoftLabels, second: SoftLabels) -> PluralityAgreement:
    """How often two soft labels agree on the most likely class, in [0, 1]; symmetric.

    A row agrees if some class is most likely in both; the rate of rows that tie on either side is stated too.
    """
    first, second = map(_most_likely, _checked(first=first, second=second))
    agree = (first & second).any(axis=1)
    tied = (first.sum(axis=1) > 1) | (second.sum(axis=1) > 1)
    return PluralityAgreement(float(agree.mean()), float(tied.mean()))


def plurality_accuracy(soft: SoftLabels, hard_codes: HardLabels) -> PluralityAccuracy:
    """How often the most likely class is the hard label, in [0, 1]; `hard_codes` has shape `(rows,)`.

    A tie of m classes goes to the lowest code in `lowest_index`, and earns 1 / m in `tie_aware` if the hard
    label is among them. Also raises `InputError` where a code is no integer from 0 to classes - 1.
    """
    (soft,) = _checked(soft=soft)
    rows, classes = soft.shape
    codes = _checked_codes("hard_codes", hard_codes, classes)
    if codes.size != rows:
        raise InputError(f"`hard_codes` must have one code per row of `soft`, {rows}, not {codes.size}.")
    most_likely = _most_likely(soft)
    credit = most_likely[np.arange(rows), codes] / most_likely.sum(axis=1)
    return PluralityAccuracy(float((most_likely.argmax(axis=1) == codes).mean()), float(credit.mean()))


def margin(soft: SoftLabels) -> RowValues:
    """Largest minus second largest probability of each row, in [0, 1]; 1 where there is one class only."""
    (soft,) = _distributions(soft=soft)
    if soft.shape[1] == 1:
        return np.ones(soft.shape[0])
    largest = np.partition(soft, -2, axis=1)
    return largest[:, -1] - largest[:, -2]


def certain_fraction(soft: SoftLabels) -> float:
    """Fraction of rows in which a single class has positive probability, in [0, 1]."""
    (soft,) = _checked(soft=soft)
    return float((np.count_nonzero(soft, axis=1) == 1).mean())


def one_hot(codes: HardLabels, num_classes: int) -> SoftLabels:
    """Hard labels as soft ones: integer codes of shape `(rows,)` to float64 `(rows, num_classes)`.

    The number of classes is declared, so a class that no row has keeps its column. Raises `InputError` where
    a code is no integer from 0 to `num_classes` - 1.
    """
    if isinstance(num_classes, bool) or not isinstance(num_classes, int | np.integer) or num_classes < 1:
        raise InputError(f"`num_classes` must be an integer of at least 1, not {num_classes!r}.")
    return np.eye(num_classes)[_checked_codes("codes", codes, num_classes)]


def condition_number(transition: Transition) -> TransitionValues:
    """Largest over smallest singular value, in [1, inf]; inf where the matrix is singular up to rounding.

    `transition[..., true, observed]` has shape `(classes, classes)` or `(rows, classes, classes)` with rows
    that sum to 1; the result has shape `()` or `(rows,)`.
    """
    singular = np.linalg.svd(_checked_transition(transition), compute_uv=False)
    largest, smallest = singular[..., 0], singular[..., -1]
    regular = smallest > largest * singular.shape[-1] * np.finfo(np.float64).eps
    return np.divide(largest, smallest, out=np.full_like(largest, np.inf), where=regular)


def smallest_singular_value(transition: Transition) -> TransitionValues:
    """Smallest singular value, near 0 where noise cannot be undone; shapes as in `condition_number`."""
    return np.asarray(np.linalg.svd(_checked_transition(transition), compute_uv=False)[..., -1])


def row_dominant(transition: Transition) -> TransitionFlags:
    """Whether every class is more likely kept than changed into any one other class.

    T_ii > max over j != i of T_ij for all i: the plurality of every certain label survives the noise.
    Boolean; shapes as in `condition_number`.
    """
    transition = _checked_transition(transition)
    kept = np.diagonal(transition, axis1=-2, axis2=-1)
    itself = np.eye(transition.shape[-1], dtype=bool)
    return np.asarray((kept > np.where(itself, -np.inf, transition).max(axis=-1)).all(axis=-1))


def _log_where_positive(probabilities: np.ndarray) -> np.ndarray:
    return np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0.0)


def _divergence_terms(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    # A difference of logarithms: the quotient of a probability and a subnormal one overflows.
    return first * (_log_where_positive(first) - _log_where_positive(second))


def _excluded(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return ((first > 0.0) & (second == 0.0)).any(axis=1)


def _most_likely(soft: np.ndarray) -> np.ndarray:
    return soft == soft.max(axis=1, keepdims=True)


def _distributions(**arguments: ArrayLike) -> list[np.ndarray]:
    return [array / array.sum(axis=1, keepdims=True) for array in _checked(**arguments)]


def _checked(**arguments: ArrayLike) -> list[np.ndarray]:
    """The arguments as float64 arrays of one shape whose rows are label distributions, values as given."""
    arrays = {name: _numbers(name, value) for name, value in arguments.items()}
    for name, array in arrays.items():
        if array.ndim != 2 or array.size == 0:
            raise InputError(
                f"`{name}` must have shape (rows, classes), at least one of each, not {array.shape}; "
                "pass one row an object and one column a class."
            )
        _require_distributions(name, array, advice="divide counts by the sum of their row")
    if len({array.shape for array in arrays.values()}) > 1:
        got = " and ".join(f"`{name}` has {array.shape}" for name, array in arrays.items())
        raise InputError(f"Both arguments must have one shape, but {got}; pass the same rows and classes.")
    return list(arrays.values())


def _checked_transition(transition: ArrayLike) -> np.ndarray:
    array = _numbers("transition", transition)
    if array.ndim not in (2, 3) or array.size == 0 or array.shape[-1] != array.shape[-2]:
        raise InputError(
            "`transition` must have shape (classes, classes) or (rows, classes, classes) and not be empty, "
            f"not {array.shape}; pass one row a true class and one column an observed class."
        )
    _require_distributions("transition", array, advice="pass the true class along rows, not its transpose")
    return array


def _require_distributions(name: str, array: np.ndarray, *, advice: str) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        sums = array.sum(axis=-1)
    usable = (array >= 0.0).all(axis=-1) & (np.abs(sums - 1.0) <= ROW_SUM_TOLERANCE)
    if usable.all():
        return
    where = tuple(np.argwhere(~usable)[0])
    place = f"row {where[-1]}" + (f" of matrix {where[0]}" if len(where) > 1 else "")
    raise InputError(
        f"`{name}` must hold probabilities from 0 to 1 whose rows sum to 1 within {ROW_SUM_TOLERANCE:g}, but "
        f"{place} sums to {sums[where]:.9g} and its smallest value is {array[where].min():.9g}; {advice}."
    )


def _array(name: str, value: ArrayLike) -> np.ndarray:
    try:
        return np.asarray(value)
    except ValueError:
        raise InputError(f"`{name}` must be an array; make its rows equally long.") from None


def _numbers(name: str, value: ArrayLike) -> np.ndarray:
    array = _array(name, value)
    if array.dtype.kind not in "biuf":
        raise InputError(f"`{name}` must hold real numbers, not type {array.dtype}; convert it first.")
    return array.astype(np.float64, copy=False)


def _checked_codes(name: str, codes: ArrayLike, classes: int) -> np.ndarray:
    array = _array(name, codes)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise InputError(
            f"`{name}` must be integer codes of shape (rows,), not {array.dtype} of shape {array.shape}; "
            "pass the position of each label among the declared classes."
        )
    outside = np.flatnonzero((array < 0) | (array >= classes))
    if outside.size:
        raise InputError(
            f"`{name}` must be from 0 to {classes - 1}, but row {outside[0]} holds {array[outside[0]]}; "
            "declare every class, and drop rows without a label."
        )
    return array
