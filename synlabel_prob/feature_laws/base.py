"""The contract of a law of whole rows."""

from __future__ import annotations

import abc
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from .._lazy import jax
from ..errors import InputError, Problems
from ..priors import Prior
from ..table import Column, Table

NumFeatures = Annotated[int, Field(ge=2, le=200)]
Correlation = Annotated[float, Field(ge=0, le=0.95)]


class FeatureLaw(Prior, abc.ABC):
    """A law of all features of a row, and with that the true prior of those that are hidden.

    Fitting it learns nothing: the reference rows say only which features are hidden and in which order they come.
    """

    is_offered = False

    conditions_on = "observed"
    takes = frozenset()  # an abstract class takes nothing, so that no message names it
    fits = ("exact",)
    cost = "nothing"

    @property
    @abc.abstractmethod
    def names(self) -> tuple[str, ...]:
        """Names of the features."""

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """Levels of the categorical ones."""
        return {}

    def frame(self, rows: int, key: Any) -> pd.DataFrame:
        """Independent rows of features, `names` as columns; a sample.

        Raises:
            InputError: `rows` is not at least 1.
        """
        if rows < 1:
            raise InputError(f"`rows` must be at least 1; got {rows}.")
        return self._drawn(rows, np.random.default_rng(np.asarray(jax.random.key_data(key)).tolist()))

    def seeded_frame(self, rows: int, seed: int) -> pd.DataFrame:
        """The rows of `frame` under `jax.random.key(seed)`, for a seed below 2^32; JAX is not imported."""
        return self._drawn(rows, np.random.default_rng([0, seed]))

    @abc.abstractmethod
    def _drawn(self, rows: int, generator: np.random.Generator) -> pd.DataFrame:
        """The rows of `frame`."""

    def report_problems(self, table: Table, hidden: tuple[Column, ...], problems: Problems) -> None:
        """The table has to have the law's features, and no others."""
        super().report_problems(table, hidden, problems)
        if set(table.feature_names) != set(self.names):
            problems.add(
                f"the law {self.kind!r} is of the features {', '.join(self.names)}; the table has "
                f"{', '.join(table.feature_names)}: draw the table by the law's `frame`."
            )
            return
        for name, levels in self.levels.items():
            if table.column(name).levels != levels:
                problems.add(
                    f"the law {self.kind!r} gives {name!r} the levels {', '.join(levels)}; the table has others: "
                    "declare them in this order."
                )


def numbered(features: int) -> tuple[str, ...]:
    """Names x1, x2, ..."""
    return tuple(f"x{place + 1}" for place in range(features))


def one_correlation(features: int, correlation: float) -> np.ndarray:
    """The correlation matrix (features, features) in which all pairs have the same correlation."""
    return correlation + (1.0 - correlation) * np.eye(features)
