"""Strengths that reach a target, on rates, distances and pluralities."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from contracts import margin
from noise_examples import dirichlet, mixed_setting
from numpyro.handlers import seed
from quick import only

from synlabel_prob import metrics
from synlabel_prob import noise as n
from synlabel_prob.errors import InputError

SOFT = dirichlet(3, 80)
NODES = {
    "symmetric": n.Symmetric(0.5),
    "class_conditional": n.ClassConditional({"yes": 0.1, "no": 0.3}),
    "flips": margin(0.5, "soft_label"),
    "flips_of_features": n.Flips(0.5, n.ByNeighbours()),
    "matrix": n.Matrix(((0.5, 0.5, 0.0), (0.0, 0.5, 0.5), (0.5, 0.0, 0.5))),
    "random_matrix": n.RandomMatrix(0.2),
    "random_outcome": n.RandomOutcome(0.5),
    "overprediction": n.Overprediction(0.1),
    "temperature": n.Temperature(0.5),
    "temperature_above_1": n.Temperature(2.0),
    "class_bias": n.ClassBias({"yes": 1.0}),
    "prior_shift": n.PriorShift(),
    "dirichlet": n.DirichletPerturbation(3.0),
    "logistic_normal": n.LogisticNormal(1.0),
    "gaussian": n.GaussianPerturbation(0.1),
    "varying": n.Varying(n.Symmetric(0.5)),
}


def effects(node: n.Noise) -> tuple[float, float]:
    """Expected rate and mean total variation, by NumPy, on the draws that `calibrate` takes."""
    setting = mixed_setting()
    with jax.enable_x64(True):
        fitted = node.fit(setting).for_soft_labels(SOFT)

        def transition():
            own = fitted.sample_parameters()
            if fitted.depends_on == "features":
                return fitted.transition(own, fitted.context(setting.table.features))
            return fitted.transition(own, n.row_context(fitted, own, jnp.asarray(SOFT), jnp.asarray(SOFT))[1])

        matrix = np.broadcast_to(np.asarray(seed(transition, jax.random.key(0))()), (80, 3, 3))
    leaves = (SOFT * (1 - np.diagonal(matrix, axis1=1, axis2=2))).sum(1).mean()
    return leaves, metrics.mean_total_variation(SOFT, np.einsum("ri,rij->rj", SOFT, matrix))


BY = [(name, "mtvd") for name in NODES] + [(name, "rate") for name in ("symmetric", "flips_of_features", "temperature")]
AT_ONCE = [pair for pair in BY if pair[0] not in ("random_matrix", "flips", "flips_of_features", "dirichlet")]


@pytest.mark.parametrize(("name", "by"), only(AT_ONCE, BY))
def test_the_target_is_reached(name, by):
    setting = mixed_setting()
    target = 0.05 if name != "prior_shift" else 0.02
    node, reached = n.calibrate(NODES[name], target, by=by, setting=setting, soft_labels=SOFT)
    # Dirichlet draws come from a rejection sampler: with the same key they jump where a proposal turns acceptable.
    assert reached == pytest.approx(target, **({"abs": 2e-3} if name == "dirichlet" else {"rel": 1e-6}))
    found = dict(zip(("rate", "mtvd"), effects(node), strict=True))[by]
    assert found == pytest.approx(reached, rel=1e-9)


def test_distance_and_rate_agree_on_certain_labels():
    setting = mixed_setting()
    node, reached = n.calibrate(n.Symmetric(0.9), 0.2, by="mtvd", setting=setting)
    assert node.rate == pytest.approx(0.2, rel=1e-9)
    assert reached == pytest.approx(0.2, rel=1e-9)


def test_pluralities_change_by_whole_rows():
    node, reached = n.calibrate(n.Underprediction(0.1), 0.2, by="plurality", setting=mixed_setting(), soft_labels=SOFT)
    assert reached == pytest.approx(0.2, abs=1 / 80)
    assert 0 < node.strength < 1 / np.pi


def test_nothing_is_a_strength():
    node, reached = n.calibrate(n.Symmetric(0.3), 0.0, by="mtvd", setting=mixed_setting(), soft_labels=SOFT)
    assert reached == pytest.approx(0.0, abs=1e-9) and node.rate == pytest.approx(0.0, abs=1e-9)


def test_targets_that_no_strength_reaches():
    setting = mixed_setting()
    with pytest.raises(InputError, match=r"from 0 to 0\.\d+, the largest mean total variation that 'overprediction'"):
        n.calibrate(n.Overprediction(0.1), 0.5, by="mtvd", setting=setting, soft_labels=SOFT)
    with pytest.raises(InputError, match=r"from 0 to 0, the largest share of rows whose most likely class changes"):
        n.calibrate(n.Temperature(0.5), 0.1, by="plurality", setting=setting, soft_labels=SOFT)
    with pytest.raises(InputError, match=r"the largest share of changed labels that 'flips'"):
        n.calibrate(n.Flips(0.1, n.ByClass({"yes": 1.0})), 0.9, setting=setting)
    with pytest.raises(InputError, match="no single strength"):
        n.calibrate(n.Panel(3), 0.1, setting=setting)
