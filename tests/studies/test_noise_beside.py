"""Soft labels beside noise of the same distance: both distances agree, and entropies are those of the formulas."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from contracts import LINEAR, mixed_table

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import studies
from synlabel_prob.errors import InputError

TRUTH = g.Linear({**LINEAR, "maybe": {"income": 1e-3, "age": -0.4}}, {"no": 2.0})
ORDER = ("age", "income", "height")


@functools.cache
def made() -> pd.DataFrame:
    return studies.noise_beside(TRUTH, mixed_table(), {"gaussian": p.Gaussian()}, steps=(1, 2), order=ORDER, repeats=2)


def of(source: str) -> pd.DataFrame:
    return made()[made()["source"] == source].reset_index(drop=True)


@pytest.mark.slow
def test_all_are_at_the_same_distance():
    hidden = of("hidden features")
    assert len(hidden) == 4 and (hidden["mtvd"] > 0.01).all()
    for source in ("NCAR", "NAR"):
        np.testing.assert_allclose(of(source)["mtvd"], hidden["mtvd"], rtol=1e-6)


@pytest.mark.slow
def test_noise_completely_at_random_has_its_entropy():
    rate = of("NCAR")["mtvd"].to_numpy()
    expected = -(1 - rate) * np.log(1 - rate) - rate * np.log(rate / 2)
    np.testing.assert_allclose(of("NCAR")["mean_entropy"], expected, rtol=1e-6)


def test_noise_by_class_leaves_less_open_and_hidden_features_least():
    assert (of("NAR")["mean_entropy"] < of("NCAR")["mean_entropy"]).all()
    assert (of("hidden features")["mean_entropy"] < of("NAR")["mean_entropy"]).all()


def test_the_study_is_that_of_feature_hiding():
    plain = studies.feature_hiding(
        TRUTH, mixed_table(), {"gaussian": p.Gaussian()}, steps=(1, 2), order=ORDER, repeats=2
    )
    np.testing.assert_array_equal(of("hidden features")["mean_entropy"], plain["mean_entropy"])


def test_text_and_picture_name_what_they_show():
    text = studies.noise_beside_text(made(), title="A study")
    for words in ("A study", "NCAR", "hidden features", "means of 2 repeats", "gaussian"):
        assert words in text
    assert studies.draw_noise_beside(made()).axes[0].get_ylabel() == "mean entropy, nats"


def test_noise_that_cannot_be_solved_for_is_refused():
    with pytest.raises(InputError, match="no single strength"):
        studies.noise_beside(TRUTH, mixed_table(), {"gaussian": p.Gaussian()}, noise={"votes": n.Panel(3)})
    with pytest.raises(InputError, match="names of its own"):
        noise = {"hidden features": n.Symmetric(0.1)}
        studies.noise_beside(TRUTH, mixed_table(), {"gaussian": p.Gaussian()}, noise=noise)
