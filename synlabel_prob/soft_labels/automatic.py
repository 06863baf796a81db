"""The default evaluator: exact where there is a route, else at quasi-random points."""

from __future__ import annotations

from typing import Any, Literal

from ..descriptions import description
from .evaluators import AMOUNTS, Drawing, Draws
from .replicated import Preintegration, QuasiMonteCarlo, Replicates


@description
class Automatic(Drawing):
    """Exact where the ground truth and the prior allow it, else randomised quasi-Monte Carlo.

    An exact route is taken up to `largest_exact` evaluations of a row. Draws and targets are for where there is none;
    there, if scores are linear, one direction of the hidden features is integrated exactly (`Preintegration`).
    """

    largest_exact: Draws = 2**13
    replicates: Replicates = 8
    kind: Literal["automatic"] = "automatic"

    summary = "exact where there is a route, else quasi-Monte Carlo; the default"
    method = "exact or quasi-Monte Carlo"

    @property
    def sampler(self) -> QuasiMonteCarlo:
        """What is used where no exact route fits."""
        return QuasiMonteCarlo(self.replicates, **self._amount)

    @property
    def smooth_sampler(self) -> Preintegration:
        """What is used where no exact route fits and one direction can be integrated at little cost."""
        return Preintegration(self.replicates, **self._amount)

    @property
    def _amount(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (*AMOUNTS, "largest_draws")}

    def explain(self) -> str:
        """In words."""
        sampled = self.sampler.explain()
        return (
            f"the first exact route of at most {self.largest_exact:,} evaluations, where there is none by {sampled}, "
            "and where scores are linear with one direction of the hidden features integrated exactly"
        )
