"""Hidden features one after another, each regressed on the observed ones and on those before it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .._lazy import jax
from ..descriptions import description
from ..errors import Problems, did_you_mean
from ..table import Column, Table
from .base import Prior, Reference
from .blocks import ChainPrior, chained_reference
from .gaussian_regression import GaussianRegression
from .incomplete import IncompletePrior, fit_incomplete
from .logistic_regression import LogisticRegression
from .ordinal_regression import OrdinalRegression
from .regressions import FitBy
from .robust_regression import RobustRegression


@description
class Chained(Prior):
    """A joint law of hidden features of any kind: p(h1 | x) p(h2 | x, h1) ...

    Each factor is a Bayesian regression that fits the kind of its column: linear (`numbers` says with which errors),
    logistic for categories, cumulative logistic for ordinals. `order` names the features from the first on; by default
    numbers come first, then ordinals, then categories, each in the order of the table. Unlike chained equations
    (van Buuren & Groothuis-Oudshoorn, 2011), which cycle through conditionals that need not belong to any joint law,
    draws come from one joint law, with the uncertainty of its parameters: of each regression that is not exact, `draws`
    are kept (100 independent ones by default, or 1,000 of a Markov chain).
    """

    conditions_on: Literal["observed", "observed_and_label"] = "observed"
    order: tuple[str, ...] = ()
    numbers: Literal["gaussian", "robust"] = "gaussian"
    fit_by: FitBy = "laplace"
    draws: Annotated[int, Field(ge=1, le=10_000)] | None = None
    kind: Literal["chained"] = "chained"

    summary = "regressions one after another, by kind of column (linear, robust, logistic, ordinal); joint; any kind"
    takes = frozenset({"continuous", "ordinal", "categorical"})
    handles_missing = True
    fits = ("laplace", "nuts", "point")
    cost = "that of its regressions; linear ones are exact"

    def report_problems(self, table: Table, hidden: tuple[Column, ...], problems: Problems) -> None:
        """Also an order that is not one of the hidden features."""
        super().report_problems(table, hidden, problems)
        names = [column.name for column in hidden]
        for name in self.order:
            if name not in names:
                problems.add(f"`prior.order` names {name!r}, which is not hidden: {did_you_mean(name, names)}")
        missing = [name for name in names if name not in self.order]
        if self.order and missing:
            problems.add(f"`prior.order` must name every hidden feature; it leaves out {', '.join(missing)}.")
        if len(set(self.order)) < len(self.order):
            problems.add("`prior.order` must name each hidden feature once.")

    def fit(self, reference: Reference, key: Any) -> ChainPrior | IncompletePrior:
        """Regression after regression; each as exact as its kind."""
        places = self._order(reference.hidden_columns)
        if reference.incomplete is not None:
            return fit_incomplete(reference, places, self._fit_chain, key)
        return self._fit_chain(reference, places, key)

    def _fit_chain(self, reference: Reference, places: tuple[int, ...], key: Any) -> ChainPrior:
        blocks = []
        for number, place in enumerate(places):
            part = chained_reference(reference, places[:number], (place,), number)
            link = self.link(part.hidden_columns[0])
            blocks.append(link.fit(part, jax.random.fold_in(key, number)))
        return ChainPrior(tuple(block.theta for block in blocks), tuple(blocks), tuple((place,) for place in places))

    def _order(self, columns: tuple[Column, ...]) -> tuple[int, ...]:
        names = [column.name for column in columns]
        if self.order:
            return tuple(names.index(name) for name in self.order)
        ranks = {"continuous": 0, "ordinal": 1, "categorical": 2}
        return tuple(sorted(range(len(columns)), key=lambda place: ranks[columns[place].kind]))

    def link(self, column: Column) -> Prior:
        """The regression of one column."""
        if column.kind == "continuous" and self.numbers == "gaussian":
            return GaussianRegression(self.conditions_on, "point" if self.fit_by == "point" else "exact")
        families = {"continuous": RobustRegression, "ordinal": OrdinalRegression, "categorical": LogisticRegression}
        return families[column.kind](self.conditions_on, self.fit_by, self.draws)

    def explain(self) -> str:
        """In words."""
        given = "the observed features" + (" and the ground-truth label" if "label" in self.conditions_on else "")
        by_kind = "numbers first, then ordinals, then categories"
        order = f"in the order {', '.join(self.order)}" if self.order else by_kind
        errors = "Student-t errors" if self.numbers == "robust" else "normal errors"
        return (
            f"one after another ({order}) by Bayesian regressions on {given} and the hidden features before: linear "
            f"with {errors}, cumulative logistic, logistic, by kind of column (fit: {self.fit_by})"
        )
