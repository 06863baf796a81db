"""Named models of the literature as nodes: each is a rate times a destination, so that none is a class of its own."""

from __future__ import annotations

from .class_conditional import ClassConditional
from .destinations import Destination, ToNext, ToOthers, ToScores, ToSecond
from .flips import Flips
from .symmetric import Symmetric
from .weights import ByMargin, ByNeighbours, ByPolynomialMargin, ByRarity, ByScore


def pair(rate: float) -> Flips:
    """Each class to the next (Han et al., 2018): `pair(0.45)` is the usual "pair-45%"."""
    return Flips(rate, towards=ToNext(), name="pair")


def minority_proportional(rate: float) -> Flips:
    """Rates in proportion to one over the class's frequency (Zhu & Wu, 2004), with mean `rate`.

    Their level L gives class i the rate L min(pi) / pi_i, so that it has mean rate L K min(pi).
    """
    return Flips(rate, ByRarity(), name="minority_proportional")


def nearest_neighbour(rate: float) -> Flips:
    """The paper's NNAR (de Vries & Thierens, 2023): rates fall evenly with the rank of the nearest-neighbour ratio.

    Theirs doubles a transition matrix and so needs rates of at most 1/2; here every rate up to 1 is reached.
    """
    return Flips(rate, ByNeighbours(ranked=True), name="nearest_neighbour")


def instance_dependent(rate: float, *, seed: int = 0) -> Flips:
    """Part-dependent label noise's generator (Xia et al., 2020; arXiv 2006.07836): by random linear scores of the row.

    Their rates are truncated normal around a number that is not their mean: asked for 10% they give 12.9%. One label a
    row follows the mean rate alone, which is exact here and 0 at 0.
    """
    return Flips(rate, towards=ToScores(seed=seed), name="instance_dependent")


def polynomial_margin(rate: float, form: int = 1, *, largest_rate: float = 1.0) -> Flips:
    """Polynomial margin diminishing noise (Zhang et al., 2021; arXiv 2103.07756), forms 1 to 3: to the second class.

    Their code divides the probability to stay by a constant, which leaves noise where the margin is 1; the level is
    reached here by scaling the rates, so that there is none.
    """
    weight = ByPolynomialMargin(form=form)  # pyright: ignore[reportArgumentType] - the description says what is wrong
    return Flips(rate, weight, ToSecond(), largest_rate, name="polynomial_margin")


def bounded(rate: float, *, seed: int = 0, largest_rate: float = 0.49) -> Flips:
    """Bounded instance-dependent noise (Cheng et al., 2020; arXiv 1709.03768): a random logistic score for each class.

    Their bound is reached by no row's average; here the mean is `rate`, below the bound.
    """
    return Flips(rate, ByScore(seed=seed), largest_rate=largest_rate, name="bounded")


def confidence_scored(rate: float, towards: Destination | None = None) -> Flips:
    """Confidence-scored instance-dependent noise (Berthon et al., 2021; arXiv 2001.03772): T_ii = 1 - rate(x).

    Rates go by the margin, destinations by class alone. Its confidence, P(true = observed | observed, x), is the
    diagonal of `noise.reverse`; their code exports 1 - rate(x), which differs where soft labels are not certain.
    """
    return Flips(rate, ByMargin(), towards or ToOthers(), name="confidence_scored")


def label_smoothing(amount: float) -> Symmetric:
    """A share of each soft label goes to all classes alike (Szegedy et al., 2016)."""
    return Symmetric(amount, includes_true=True, name="label_smoothing")


def complementary() -> Flips:
    """Complementary labels (Ishida et al., 2017): always a class that it is not."""
    return Flips(1.0, name="complementary")


def positive_unlabelled(positive: str, labelled: float) -> ClassConditional:
    """Of the positive class a share `labelled` is known, the others count as negative (Elkan & Noto, 2008).

    For two classes, T = [[1, 0], [1 - c, c]].
    """
    return ClassConditional({positive: 1.0 - labelled}, name="positive_unlabelled")
