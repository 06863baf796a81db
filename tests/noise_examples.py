"""What the tests of single nodes share: settings of any number of classes, transitions, random soft labels."""

from __future__ import annotations

import jax
import numpy as np
from contracts import mixed_setting as mixed_setting
from contracts import setting_of as setting_of
from numpyro.handlers import seed, substitute

from synlabel_prob import noise as n


def transition_of(description: n.Noise, setting: n.Setting, *, source=None, key=0, values=None) -> np.ndarray:
    """T in double precision; `values` are given to sample sites, which are drawn otherwise."""
    with jax.enable_x64(True):
        fitted = description.fit(setting)
        program = substitute(fitted.sample_parameters, data=values or {})
        parameters = seed(program, jax.random.key(key))()
        return np.asarray(fitted.transition(parameters, fitted.context(source)))


def weights_of(fitted: n.FittedWeight, source=None, *, key=0, values=None) -> np.ndarray:
    """Weights in double precision; `values` are given to sample sites, which start with "w" and are drawn otherwise."""
    with jax.enable_x64(True):
        parameters = seed(substitute(fitted.sample_parameters, data=values or {}), jax.random.key(key))("w")
        return np.asarray(fitted.weights(parameters, fitted.context(source)))


def towards_of(fitted: n.FittedDestination, source=None, *, key=0, values=None) -> np.ndarray:
    """Destinations in double precision; sites start with "t"."""
    with jax.enable_x64(True):
        parameters = seed(substitute(fitted.sample_parameters, data=values or {}), jax.random.key(key))("t")
        return np.asarray(fitted.towards(parameters, fitted.context(source)))


def dirichlet(num_classes: int, rows: int = 500) -> np.ndarray:
    """Soft labels all over the simplex."""
    return np.random.default_rng([9, num_classes]).dirichlet(np.ones(num_classes), rows)
