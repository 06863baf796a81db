"""What the tests of single families share: the transitions of annotators, and the symmetric one."""

from __future__ import annotations

import jax
import numpy as np
from contracts import setting_of
from numpyro import handlers

from synlabel_prob import annotators as a


def confusions(
    family: a.Annotators, classes: int = 3, values: dict | None = None, key: int = 0, **options
) -> np.ndarray:
    """T of each annotator in double precision; `values` are given to sample sites, which are drawn otherwise."""
    setting = options.pop("setting", None) or setting_of(classes, 20)
    with jax.enable_x64(True):
        fitted = family.fit(setting)
        sampled = handlers.seed(handlers.substitute(fitted.sample_parameters, data=values or {}), jax.random.key(key))
        context = fitted.context(a.Sources(**options.get("sources", {})), options.get("items"))
        return np.asarray(fitted.transitions(sampled(), context))


def symmetric(rate: float, size: int) -> np.ndarray:
    return (1 - rate) * np.eye(size) + rate * (1 - np.eye(size)) / (size - 1)
