"""Fitted estimators, and models that boosting libraries saved, as ground-truth functions that run in JAX."""

from __future__ import annotations

from typing import Any

from ...table import Table
from ..base import GroundTruthFunction
from ..decisions import Decision
from .boosted import read_boosting
from .columns import read_columns, unwrapped
from .scores import read_linear, read_network, read_quadratic
from .seen import Seen
from .trees import read_trees

__all__ = ["not_read", "read_otherwise", "read_out"]


def read_out(estimator: Any, table: Table, decision: Decision, codes: tuple[int, ...]) -> GroundTruthFunction | None:
    """A function of plain arrays whose labels are the estimator's `predict`; None for kinds that are not read.

    Read are decision trees, random forests, extra trees, gradient boosting, histogram gradient boosting, logistic
    regression, linear SVC, LDA, QDA, Gaussian naive Bayes and multi-layer perceptrons, alone or in pipelines after
    `StandardScaler`, `MinMaxScaler`, `OneHotEncoder` and `ColumnTransformer`; and the classifiers of XGBoost and
    LightGBM, of trees. Subclasses are not: they may predict otherwise.

    Args:
        estimator: fitted to frames of the table and codes of its classes.
        table: its columns and classes.
        decision: how a label follows from class probabilities.
        codes: the classes that occur in what it was fitted to.
    """
    before, last = unwrapped(estimator)
    if tuple(getattr(last, "classes_", ())) != codes:
        return None
    sources = read_columns(before, table)
    if sources is None:
        return None
    seen = Seen(codes, decision, table.classes, len(table.columns))
    readers = (read_trees, read_linear, read_quadratic, read_network, read_boosting)
    return next((found for read in readers if (found := read(last, sources, seen)) is not None), None)


def not_read(estimator: Any) -> str:
    """Why an estimator runs on the host: it, or a step before it, is of a kind that is not read."""
    before, last = unwrapped(estimator)
    names = " after ".join(type(step).__name__ for step in (last, *reversed(before)))
    return f"{names} is not among the estimators that are read out, so it runs on the host in batches."


def read_otherwise(estimator: Any) -> str:
    """Why an estimator runs on the host: reading it gave other labels."""
    name = type(unwrapped(estimator)[1]).__name__
    return f"{name} was read out with other labels than its own on the table, so it runs on the host in batches."
