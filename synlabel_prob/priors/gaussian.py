"""Normal hidden features that depend on nothing observed."""

from __future__ import annotations

from typing import Any, Literal

from ..descriptions import description
from .base import FittedPrior, Prior, Reference
from .blocks import ProductPrior, part_of
from .design import constant_design
from .gaussian_regression import Scale, fit_conjugate
from .matrix_normal import conjugate_prior


@description
class Gaussian(Prior):
    """The hidden features, normal with unknown mean and covariance: jointly, or each on its own.

    The conjugate posterior is that of `GaussianRegression` with no regressor but the constant, so a new row's law is a
    Student-t (Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.6). Scales are in standard deviations.
    """

    joint: bool = True
    fit_by: Literal["exact", "point"] = "exact"
    location_scale: Scale = 10.0
    residual_scale: Scale = 0.1
    kind: Literal["gaussian"] = "gaussian"

    summary = "normal with unknown mean and covariance, joint or independent; continuous"
    conditions_on = "nothing"
    fits = ("exact", "point")
    cost = "rows x hidden^2, once"

    def fit(self, reference: Reference, key: Any) -> FittedPrior:
        """The conjugate posterior; exact."""
        size = reference.hidden.shape[1]
        if self.joint or size == 1:
            return self._fitted(reference, key)
        parts = [self._fitted(part_of(reference, (place,), place), key) for place in range(size)]
        return ProductPrior(tuple(part.theta for part in parts), tuple(parts), tuple((place,) for place in range(size)))

    def _fitted(self, reference: Reference, key: Any) -> FittedPrior:
        prior = conjugate_prior(1, reference.hidden.shape[1], self.location_scale, self.residual_scale)
        return fit_conjugate(reference, constant_design(), prior, fit_by=self.fit_by, draws=1, key=key)

    def explain(self) -> str:
        """In words."""
        how = "Student-t predictive, parameters integrated out" if self.fit_by == "exact" else "parameters plugged in"
        return f"{'jointly' if self.joint else 'each'} by a normal law ({how}), independently of everything observed"
