"""What the tests of single nodes share: settings of any number of classes, transitions, random soft labels."""

from __future__ import annotations

import jax
import numpy as np
from contracts import noise_setting, numbers_table
from numpyro.handlers import seed, substitute

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n


def setting_of(num_classes: int, rows: int = 200) -> n.Setting:
    """A table of three numbers and a linear ground truth with classes c0, c1, ..."""
    generator = np.random.default_rng(num_classes)
    weights = {
        f"c{code}": {"age": value, "height": other}
        for code, (value, other) in enumerate(generator.normal(0.0, 1.0, (num_classes, 2)))
    }
    table = numbers_table(rows)
    center = {
        name: -40.0 * own["age"] - 1.7 * own["height"] + offset
        for (name, own), offset in zip(weights.items(), generator.normal(0.0, 1.0, num_classes), strict=True)
    }
    function = g.Linear(weights, center).fit(table)
    return n.Setting(table, function, np.asarray(function.labels(table.features)))


def mixed_setting() -> n.Setting:
    """The mixed table with labels by age and some chance, so that every class has rows."""
    setting = noise_setting()
    age = setting.table.features[:, 0] + np.random.default_rng(1).normal(0.0, 6.0, 80)
    return n.Setting(setting.table, setting.ground_truth, np.digitize(age, np.quantile(age, [0.3, 0.7])))


def transition_of(description: n.Noise, setting: n.Setting, *, source=None, key=0, values=None) -> np.ndarray:
    """T in double precision; `values` are given to sample sites, which are drawn otherwise."""
    with jax.enable_x64(True):
        fitted = description.fit(setting)
        program = substitute(fitted.sample_parameters, data=values or {})
        parameters = seed(program, jax.random.key(key))()
        return np.asarray(fitted.transition(parameters, fitted.context(source)))


def dirichlet(num_classes: int, rows: int = 500) -> np.ndarray:
    """Soft labels all over the simplex."""
    return np.random.default_rng([9, num_classes]).dirichlet(np.ones(num_classes), rows)
