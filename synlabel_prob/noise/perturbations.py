"""Random soft labels around the true ones whose mean stays: Dirichlet draws, and the shares of a finite panel."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

from pydantic import Field

from .._lazy import jax, jnp
from ..descriptions import description, fitted, static
from ..laws import PositiveParameter
from .base import Noise, Setting, SoftLabelKernel, sample_parameter, stated


@fitted
class DirichletKernel(SoftLabelKernel):
    """p' ~ Dirichlet(concentration p); classes without probability stay without."""

    concentration: Any = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """The concentration."""
        return sample_parameter(f"{self.name}.concentration", self.concentration)

    def perturbed(self, key: Any, parameters: Any, soft_label: Any) -> Any:
        """Gamma draws in logarithms, which do not vanish for small concentrations."""
        possible = soft_label > 0
        alphas = jnp.where(possible, parameters * soft_label, 1.0)
        # At 0 the law is that of one label.
        alphas = jnp.maximum(alphas, jnp.finfo(alphas.dtype).tiny * 1e20)
        logs = jnp.where(possible, jax.random.loggamma(key, alphas), -jnp.inf)
        return jax.nn.softmax(logs)

    def log_density(self, parameters: Any, soft_labels: Any, others: Any) -> Any:
        """On the face of the possible classes; exact."""
        possible = soft_labels > 0
        alphas = jnp.where(possible, parameters * soft_labels, 1.0)
        own = jnp.where(possible, (alphas - 1.0) * jnp.log(jnp.where(possible, others, 1.0)), 0.0)
        scales = jnp.where(possible, jax.scipy.special.gammaln(alphas), 0.0)
        total = jnp.where(possible, alphas, 0.0).sum(-1)
        inside = jnp.where(possible, others > 0, others == 0).all(-1)
        density = own.sum(-1) - scales.sum(-1) + jax.scipy.special.gammaln(total)
        return jnp.where(inside, density, -jnp.inf)


@description
class DirichletPerturbation(Noise):
    """Each row's soft label is replaced by a draw from Dirichlet(concentration p), whose mean is p.

    Variances are p (1 - p) / (concentration + 1): large concentrations change little, small ones leave nearly hard
    labels. The law of hard labels stays what it was.
    """

    concentration: PositiveParameter
    kind: Literal["dirichlet"] = "dirichlet"

    summary = "soft labels: a random one around each, Dirichlet(concentration p), mean kept"
    is_random_map = True
    strength_field = "concentration"
    depends_on = "noisy_soft_label"

    def at_strength(self, share: float) -> DirichletPerturbation:
        """From an endless concentration down to 0."""
        return dataclasses.replace(self, concentration=1.0 / max(share, 1e-12) - 1.0)

    def fit(self, setting: Setting) -> DirichletKernel:
        """Nothing is learned."""
        return DirichletKernel(self.concentration, self.label)

    def explain(self) -> str:
        """In words."""
        return f"each soft label is replaced by a draw from Dirichlet({stated(self.concentration)} p)"


@fitted
class PanelKernel(SoftLabelKernel):
    """p' ~ Multinomial(size, p) / size."""

    size: int = static()
    name: str = static()

    def sample_parameters(self) -> Any:
        """None: the size is a number."""
        return jnp.asarray(float(self.size))

    def perturbed(self, key: Any, parameters: Any, soft_label: Any) -> Any:
        """By the inverse cdf, one uniform a member."""
        cumulative = jnp.cumsum(soft_label)
        uniforms = jax.random.uniform(key, (self.size,), soft_label.dtype) * cumulative[-1]
        last = soft_label.shape[-1] - 1 - (soft_label[::-1] > 0).argmax()
        codes = jnp.minimum(jnp.searchsorted(cumulative, uniforms, side="right"), last)
        return jnp.zeros_like(soft_label).at[codes].add(1.0) / self.size

    def log_density(self, parameters: Any, soft_labels: Any, others: Any) -> Any:
        """Log probability of the counts; exact."""
        counts = jnp.round(others * self.size)
        possible = soft_labels > 0
        logs = jnp.where(possible, counts * jnp.log(jnp.where(possible, soft_labels, 1.0)), 0.0)
        ways = jax.scipy.special.gammaln(counts + 1.0).sum(-1)
        inside = jnp.where(possible, True, counts == 0).all(-1)
        return jnp.where(inside, jax.scipy.special.gammaln(self.size + 1.0) - ways + logs.sum(-1), -jnp.inf)


@description
class Panel(Noise):
    """Each row's soft label is replaced by the shares of a panel of `size` people who each draw a label from it.

    Means stay, variances are p (1 - p) / size. It is what perfect annotators' votes give where each draws their own
    label.
    """

    size: Annotated[int, Field(ge=1)]
    kind: Literal["panel"] = "panel"

    summary = "soft labels: the shares of a finite panel, Multinomial(size, p) / size, mean kept"
    is_random_map = True
    depends_on = "noisy_soft_label"

    def fit(self, setting: Setting) -> PanelKernel:
        """Nothing is learned."""
        return PanelKernel(self.size, self.label)

    def explain(self) -> str:
        """In words."""
        return f"each soft label is replaced by the shares of {self.size} labels drawn from it"
