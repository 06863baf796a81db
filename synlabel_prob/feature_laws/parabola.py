"""A feature that is a parabola of another, with noise."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from .._lazy import jnp
from ..descriptions import description, fitted, static
from ..errors import Problems
from ..priors import FittedPrior, Reference, Row
from ..priors.whitened import Normal, normal
from ..table import Column, Table
from .base import FeatureLaw, NumFeatures, numbered


@description
class Parabola(FeatureLaw):
    """Standard normal x1, x2, ..., and a last feature h = `curvature` x1^2 + `noise` times a standard normal.

    Uncorrelated with x1 and yet almost known from it: a manifold that no linear regression sees. Its conditional is
    exact where h alone is hidden. `features` counts h.
    """

    curvature: Annotated[float, Field(ge=-100, le=100)] = 1.0
    noise: Annotated[float, Field(gt=0, le=100)] = 0.3
    features: NumFeatures = 3
    kind: Literal["parabola"] = "parabola"

    summary = "a feature that is a parabola of another one, with normal noise"
    takes = frozenset({"continuous"})

    @property
    def names(self) -> tuple[str, ...]:
        """x1, x2, ..., h."""
        return (*numbered(self.features - 1), "h")

    def _drawn(self, rows: int, generator: np.random.Generator) -> pd.DataFrame:
        values = generator.normal(size=(rows, self.features))
        values[:, -1] = self.curvature * values[:, 0] ** 2 + self.noise * values[:, -1]
        return pd.DataFrame(values, columns=list(self.names))

    def report_problems(self, table: Table, hidden: tuple[Column, ...], problems: Problems) -> None:
        """Nothing but h may be hidden."""
        super().report_problems(table, hidden, problems)
        names = [column.name for column in hidden]
        if names != ["h"]:
            problems.add(f"the law 'parabola' knows the exact law of 'h' alone; got {', '.join(names)}: hide 'h'.")

    def fit(self, reference: Reference, key: Any) -> ParabolaGiven:
        """The conditional law; exact, whatever the reference rows."""
        names = [column.name for column in reference.observed_columns]
        return ParabolaGiven((), np.float64(self.curvature), np.float64(self.noise), normal(1), names.index("x1"))

    def explain(self) -> str:
        """In words."""
        return f"by the true law, normal around {self.curvature:g} times the square of x1"


@fitted
class ParabolaGiven(FittedPrior):
    """h given the others."""

    theta: Any
    curvature: Any
    noise: Any
    normal: Normal
    place: int = static()

    @property
    def uniform_dims(self) -> int:
        """One."""
        return 1

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """Exact."""
        return self._center(row) + self.noise * self.normal.quantile(uniforms)

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Exact."""
        return self.normal.uniforms((hidden - self._center(row)) / self.noise)

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """Exact."""
        return self.normal.log_density((hidden - self._center(row)) / self.noise) - jnp.log(self.noise)

    def sample_theta(self, *, posterior: bool) -> Any:
        """Nothing is unknown."""
        return ()

    def _center(self, row: Row) -> Any:
        return self.curvature * jnp.asarray(row.observed)[self.place] ** 2
