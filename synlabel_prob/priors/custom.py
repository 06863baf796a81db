"""A user's own NumPyro function as a prior; from Python only, because a spec file never runs code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import SkipValidation

from .._lazy import jax, jnp, numpyro
from ..descriptions import description, fitted, static
from ..errors import InputError
from .base import Conditions, FittedPrior, Prior, Reference, Row


@fitted
class CustomPrior(FittedPrior):
    """Runs the function under a seed that two uniforms make; `sites` are the hidden features in order."""

    theta: Any
    function: Callable = static()
    observed: tuple[str, ...] = static()
    sites: tuple[str, ...] = static()
    has_pit = False
    has_density = False

    @property
    def uniform_dims(self) -> int:
        """Two, the words of a random key."""
        return 2

    def quantile(self, theta: Any, uniforms: Any, row: Row) -> Any:
        """One run of the function: a draw, in which near uniforms are as far apart as any."""
        words = (uniforms.astype("float64" if jax.config.jax_enable_x64 else "float32") * 2.0**32).astype("uint32")
        key = jax.random.wrap_key_data(words, impl="threefry2x32")
        given = dict(zip(self.observed, jnp.asarray(row.observed), strict=True))
        sites = numpyro.handlers.trace(numpyro.handlers.seed(self.function, key)).get_trace(given)
        return jnp.stack([jnp.asarray(sites[name]["value"], uniforms.dtype).reshape(()) for name in self.sites])

    def pit(self, theta: Any, hidden: Any, row: Row, jitter: Any) -> Any:
        """Always an error."""
        raise InputError("a prior given as a function has draws only, no `pit`.")

    def log_density(self, theta: Any, hidden: Any, row: Row) -> Any:
        """Always an error."""
        raise InputError("a prior given as a function has draws only, no density.")

    def sample_theta(self, *, posterior: bool) -> Any:
        """Nothing that the toolkit knows of is unknown."""
        return ()


@description
class Custom(Prior):
    """`function(observed)`: a NumPyro model of one row with a site, a number or a level code, for each hidden feature.

    `observed` maps the names of the observed features to their numbers or codes. Parameters that were learned from data
    are the function's own to hold. Draws only: no `pit`, no density; quasi-Monte Carlo is no better than Monte Carlo.
    """

    function: SkipValidation[Callable]
    conditions_on: Conditions = "observed"
    kind: Literal["custom"] = "custom"

    summary = "your own NumPyro function (from Python only); any kind"
    takes = frozenset({"continuous", "ordinal", "categorical"})
    cost = "a run of the function for each draw"

    def fit(self, reference: Reference, key: Any) -> CustomPrior:
        """Nothing is learned; the function is run once to see that it has its sites.

        Raises:
            InputError: it lacks a site, or one is not a single number.
        """
        observed = tuple(column.name for column in reference.observed_columns)
        sites = tuple(column.name for column in reference.hidden_columns)
        _check_sites(self.function, dict(zip(observed, reference.observed[0], strict=True)), sites, key)
        return CustomPrior((), self.function, observed, sites)

    def explain(self) -> str:
        """In words."""
        return f"by the NumPyro function {getattr(self.function, '__name__', 'given')}"


def _check_sites(function: Callable, observed: dict[str, Any], sites: tuple[str, ...], key: Any) -> None:
    found = numpyro.handlers.trace(numpyro.handlers.seed(function, key)).get_trace(observed)
    missing = [name for name in sites if name not in found]
    if missing:
        raise InputError(
            f"the prior's function must have a site for every hidden feature; {missing[0]!r} is not among "
            f"{', '.join(found) or 'none'}: add numpyro.sample({missing[0]!r}, ...)."
        )
    wrong = [name for name in sites if jnp.size(found[name]["value"]) != 1]
    if wrong:
        raise InputError(f"the site {wrong[0]!r} of the prior's function must be one number; it has several.")
