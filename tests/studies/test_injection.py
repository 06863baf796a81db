"""Exact against sampled noise: closed forms, the authors' numbers, and what is refused."""

from __future__ import annotations

import functools
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from contracts import LINEAR, mixed_table
from sklearn.ensemble import RandomForestClassifier

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import studies
from synlabel_prob.errors import InputError
from synlabel_prob.process import Process
from synlabel_prob.soft_labels import MonteCarlo

TRUTH = g.Linear({**LINEAR, "maybe": {"income": 1e-3, "age": -0.4}}, {"no": 2.0})
PROCESS = Process(TRUTH, ("age", "income"), p.GaussianRegression(), (n.Symmetric(0.9),))
NOISE = {"uniform": n.Symmetric(0.1), "matrix": n.RandomMatrix(0.1, largest_rate=1.0)}


@functools.cache
def made() -> pd.DataFrame:
    return studies.injection(PROCESS, mixed_table(), NOISE, rates=(0.1, 0.3), repeats=3, injections=50)


def exact(noise: str, into: str, beside: str) -> pd.DataFrame:
    return made().query("noise == @noise and route == 'exact' and into == @into and beside == @beside")


def test_noise_on_certain_labels_moves_them_by_its_rate():
    for name in NOISE:
        own = exact(name, "truth", "truth")
        np.testing.assert_allclose(own["mtvd"], own["rate"], rtol=1e-9)
    rate = np.array([0.1, 0.3])
    entropy = -(1 - rate) * np.log(1 - rate) - rate * np.log(rate / 2)
    np.testing.assert_allclose(exact("uniform", "truth", "truth")["mean_entropy"], entropy, rtol=1e-12)


def test_uniform_noise_on_soft_labels_has_its_closed_distance():
    # noise.md A1.1: b times the mean distance to the even label, with b = rate K / (K - 1).
    distances = exact("uniform", "soft", "soft").set_index("rate")["mtvd"]
    np.testing.assert_allclose(distances[0.3] / distances[0.1], 3.0, rtol=1e-9)


def test_every_route_and_pair_has_its_rows():
    counts = made().groupby(["noise", "rate"]).size()
    assert (counts == 3 + 2 * 3).all()
    assert set(made()["repeat"]) == {0, 1, 2}


def test_sampling_starts_at_a_drawn_label_and_ends_far_from_the_soft_one():
    sampled = (
        made().query("route == 'sampled' and beside == 'soft' and noise == 'uniform'").groupby("rate")["mtvd"].mean()
    )
    own = exact("uniform", "soft", "soft").set_index("rate")["mtvd"]
    assert (sampled > own + 0.03).all()


def test_nearly_endless_injections_are_the_transition_of_the_drawn_label():
    many = studies.injection(
        PROCESS, mixed_table(), {"uniform": n.Symmetric(0.1)}, rates=(0.2,), repeats=1, injections=10**6
    )
    row = many.query("route == 'sampled' and beside == 'truth'").iloc[0]
    assert row["mean_entropy"] == pytest.approx(-0.8 * np.log(0.8) - 0.2 * np.log(0.1), abs=1e-3)


def test_what_does_not_fit_is_said():
    table = mixed_table()
    with pytest.raises(InputError, match="at least one each"):
        studies.injection(PROCESS, table, {})
    with pytest.raises(InputError, match="`repeats` must be a whole number of at least 1; got 0"):
        studies.injection(PROCESS, table, NOISE, repeats=0)
    with pytest.raises(InputError, match="'panel', which has no single strength"):
        studies.injection(PROCESS, table, {"votes": n.Panel(3)})
    with pytest.raises(InputError, match="must be a frame"):
        studies.draw_injection(pd.DataFrame({"noise": []}))


# --- beside the authors -----------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[2]
VEHICLE = ROOT.parent / "shared" / "data" / "keel_vehicle.csv"
EXACT = ROOT.parent / "shared" / "reference" / "noise_exact.csv"
SAMPLED = EXACT.with_name("noise_sampled_summary.csv")
RATES, REPEATS = (0.05, 0.25, 0.45), 10
compared = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(path.is_file() for path in (VEHICLE, EXACT, SAMPLED)), reason="nothing to compare with"),
]


@functools.cache
def vehicle() -> pd.DataFrame:
    """Theirs: a forest of 100 trees, the first five features hidden by a marginal kernel density, 100 draws."""
    script = runpy.run_path(str(ROOT / "docs" / "feature_hiding.py"))
    table = script["vehicle"](VEHICLE)
    process = Process(g.Learned(RandomForestClassifier(random_state=0)), table.feature_names[:5], p.KernelDensity())
    noise = {"uniform": n.Symmetric(0.1), "neighbours": n.Flips(0.1, n.ByNeighbours(ranked=True))}
    return studies.injection(process, table, noise, rates=RATES, repeats=REPEATS, evaluator=MonteCarlo(draws=100))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("pair", "into", "beside"), [("PG,PG", "soft", "soft"), ("G,PG", "soft", "truth"), ("G,G", "truth", "truth")]
)
@pytest.mark.parametrize("mark", [pytest.param(None, marks=compared)])
def test_exact_injection_has_their_numbers(rate, pair, into, beside, mark):
    """Their soft labels have 100 draws of their own: a mean distance over 846 rows is then within 0.002 of ours."""
    theirs = pd.read_csv(EXACT).query(
        "prior == 'marginal_KDE' and matrix == 'uniform' and rate == @rate and pair == @pair"
    )
    ours = vehicle().query(
        "noise == 'uniform' and route == 'exact' and rate == @rate and into == @into and beside == @beside"
    )
    assert ours["mtvd"].item() == pytest.approx(theirs["mtvd"].item(), abs=0.002)
    assert ours["mean_entropy"].item() == pytest.approx(theirs["entropy_nats"].item(), abs=0.006)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("pair", "beside"), [("PG,D", "soft"), ("G,D", "truth")])
@pytest.mark.parametrize("noise", ["uniform", "neighbours"])
@pytest.mark.parametrize("mark", [pytest.param(None, marks=compared)])
def test_sampled_injection_is_within_their_spread(rate, pair, beside, noise, mark):
    """24 numbers within 5 standard errors of the difference: by chance 1e-4 each (18 degrees of freedom).

    Their nearest-neighbour noise doubles the matrix and orders rows by the ratio among the labels at hand; ranks do the
    same here.
    """
    every = pd.read_csv(SAMPLED).query("prior == 'marginal_KDE' and matrix == 'uniform' and rate == @rate")
    dependent = every["instance_dependent"] == (noise == "neighbours")
    theirs = every[dependent & (every["pair"] == pair)].iloc[0]
    ours = vehicle().query("noise == @noise and route == 'sampled' and rate == @rate and beside == @beside")
    for measure, name in (("mtvd", "mtvd"), ("mean_entropy", "entropy_nats")):
        spread = float(theirs[f"sd_{name.partition('_')[0]}"])
        error = np.hypot(max(spread, ours[measure].std()), spread) / np.sqrt(REPEATS)
        assert abs(ours[measure].mean() - theirs[name]) < 5 * error, measure
