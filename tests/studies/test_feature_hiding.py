"""The study of feature hiding: exact curves, what is fitted how often, and wrong input in sentences."""

from __future__ import annotations

import functools

import jax
import numpy as np
import pandas as pd
import pytest
from quick import only
from scipy import stats

from synlabel_prob import feature_laws as f
from synlabel_prob import ground_truth as g
from synlabel_prob import metrics, process, studies
from synlabel_prob import priors as p
from synlabel_prob.errors import InputError
from synlabel_prob.soft_labels import MonteCarlo
from synlabel_prob.table import Table

KEY = jax.random.key(2309_04318)
FEATURES, CORRELATION = 4, 0.6
NAMES = tuple(f"x{place + 1}" for place in range(FEATURES))
LAW = f.CorrelatedGaussian(CORRELATION, FEATURES)
SUM = g.Linear({"no": {}, "yes": dict.fromkeys(NAMES, 1.0)})
LAST = g.Linear({"no": {}, "yes": {"x4": 1.0}})
DRAWS = MonteCarlo(draws=4096)


def table(rows: int = 60) -> Table:
    return Table.from_frame(LAW.frame(rows, jax.random.key(5)))


@functools.cache
def study() -> pd.DataFrame:
    """A table of correlated features; the true law of the hidden ones, and the true law of each by itself."""
    priors = {"conditional": LAW, "marginal": f.CorrelatedGaussian(0.0, FEATURES)}
    return studies.feature_hiding(SUM, table(), priors, KEY, repeats=2, evaluator=DRAWS)


# --- oracles ------------------------------------------------------------------------------------------


def exact(name: str, hidden: int) -> np.ndarray:
    """p(x1 + ... + x4 > 0) of each row with the first features hidden, in closed form, (rows,)."""
    observed = table().features[:, hidden:]
    correlation = CORRELATION if name == "conditional" else 0.0
    covariance = correlation + (1 - correlation) * np.eye(FEATURES)
    cross = covariance[:hidden, hidden:] @ np.linalg.inv(covariance[hidden:, hidden:])
    rest = covariance[:hidden, :hidden] - cross @ covariance[hidden:, :hidden]
    return stats.norm.cdf((observed.sum(1) + (observed @ cross.T).sum(1)) / np.sqrt(rest.sum()))


@pytest.mark.parametrize("hidden", [1, 2, 3])
@pytest.mark.parametrize("name", ["conditional", "marginal"])
def test_the_curves_are_the_exact_ones(name: str, hidden: int):
    """Gates of 5 standard errors, which are known: 24 numbers, so a false alarm below 2e-5; the key is fixed.

    Errors of the mean entropy are about 1e-3, and the two priors are 0.05 or more apart.
    """
    yes, counts = exact(name, hidden), np.arange(4097)
    labels = table().features.sum(1) > 0
    weights = stats.binom.pmf(counts, 4096, yes[:, None])  # of how many draws say yes, (rows, counts)
    shares = np.stack([counts, 4096 - counts], -1) / 4096
    entropies = metrics.entropy(shares)
    expected = weights @ entropies
    entropy_error = np.sqrt((weights @ entropies**2 - expected**2).sum()) / len(yes)
    deviation = np.sqrt(yes * (1 - yes) / 4096)
    assert entropy_error < 2e-3
    for _, row in study().query("prior == @name and hidden == @hidden").iterrows():
        assert abs(row["mean_entropy"] - expected.mean()) < 5 * entropy_error
        distance = np.where(labels, 1 - yes, yes).mean()
        assert abs(row["mtvd"] - distance) < 5 * np.sqrt((deviation**2).sum()) / len(yes)
        close = np.abs(yes - 0.5) < 5 * deviation  # whose most likely class may come out either way
        assert abs(row["plurality_accuracy"] - ((yes > 0.5) == labels).mean()) <= close.mean() < 0.1


def test_a_conditional_prior_knows_more_where_features_are_correlated():
    made = studies.curves(study()).pivot(index="hidden", columns="prior", values="mean_entropy")
    assert (made["marginal"] - made["conditional"] > 0.05).all()


EVERY = (p.KernelDensity(), p.Empirical(), p.Chained(), p.SimilarRows())


@pytest.mark.parametrize("prior", only(EVERY[:2], EVERY), ids=type)
def test_hiding_what_the_truth_does_not_read_changes_nothing(prior: p.Prior):
    made = studies.feature_hiding(
        LAST, table(), {"own": prior}, KEY, steps=(3,), repeats=1, evaluator=MonteCarlo(draws=64)
    )
    assert made["mean_entropy"].tolist() == made["mtvd"].tolist() == [0.0]
    assert made["plurality_accuracy"].tolist() == [1.0]
    read = {"order": NAMES[::-1], "steps": (1,), "repeats": 1, "evaluator": MonteCarlo(draws=64)}
    assert studies.feature_hiding(LAST, table(), {"own": prior}, KEY, **read)["mean_entropy"].min() > 0.1


def test_the_soft_labels_are_those_of_a_process():
    own = p.GaussianRegression()
    made = studies.feature_hiding(
        SUM, table(), {"own": own}, KEY, steps=(2,), repeats=2, evaluator=MonteCarlo(draws=64)
    )
    for repeat, row in made.iterrows():
        key = jax.random.fold_in(KEY, repeat)
        fitted = process.fit(process.Process(SUM, NAMES[:2], own), table(), key)
        soft = process.generate(fitted, key, MonteCarlo(draws=64)).soft.probabilities
        assert row["mean_entropy"] == metrics.entropy(soft).mean()
        assert row["mtvd"] == metrics.mean_total_variation(soft, metrics.one_hot(fitted.labels, 2))
        assert row["plurality_accuracy"] == metrics.plurality_accuracy(soft, fitted.labels).tie_aware


# --- what is fitted, and how often --------------------------------------------------------------------


class Counted(p.Gaussian):
    """Counts its fits."""

    fits_made = 0

    def fit(self, reference, key):
        type(self).fits_made += 1
        return super().fit(reference, key)


class Jittered(Counted):
    """A fit that depends on its key."""

    fits_made = 0

    def fit(self, reference, key):
        moved = reference.hidden + jax.random.normal(key, reference.hidden.shape)
        return super().fit(type(reference)(**{**vars(reference), "hidden": np.asarray(moved)}), key)


class CountedTruth(g.Linear):
    """Counts its fits."""

    fits_made = 0

    def fit(self, table):
        type(self).fits_made += 1
        return super().fit(table)


def test_only_fits_that_depend_on_their_key_are_repeated():
    truth = CountedTruth(SUM.weights)
    priors = {"counted": Counted(), "jittered": Jittered()}
    options = {"steps": (1, 2), "repeats": 4, "evaluator": MonteCarlo(draws=16)}
    made = studies.feature_hiding(truth, table(), priors, KEY, **options)
    # Two fits show that the key changes nothing.
    assert (CountedTruth.fits_made, Counted.fits_made, Jittered.fits_made) == (1, 2 * 2, 2 * 4)
    assert made.groupby(["prior", "hidden"])["mean_entropy"].nunique().min() == 4


def test_equal_studies_are_equal_and_priors_and_steps_do_not_touch_each_other():
    options = {"repeats": 2, "evaluator": MonteCarlo(draws=16)}
    priors = {"one": p.Gaussian(), "two": p.GaussianRegression()}
    made = studies.feature_hiding(SUM, table(), priors, KEY, **options)
    pd.testing.assert_frame_equal(made, studies.feature_hiding(SUM, table(), priors, KEY, **options))
    alone = studies.feature_hiding(SUM, table(), {"two": priors["two"]}, KEY, steps=(2,), **options)
    same = made.query("prior == 'two' and hidden == 2").reset_index(drop=True)
    pd.testing.assert_frame_equal(same, alone)


def test_features_are_hidden_in_their_order_without_constant_ones():
    frame = LAW.frame(30, jax.random.key(5))
    frame.insert(0, "constant", 1.0)
    steps: list[tuple[int, int]] = []
    options = {"repeats": 2, "evaluator": MonteCarlo(draws=16), "progress": lambda *done: steps.append(done)}
    made = studies.feature_hiding(SUM, Table.from_frame(frame), {"own": p.Gaussian()}, KEY, **options)
    assert made["hidden"].tolist() == [1, 1, 2, 2, 3, 3]
    assert steps == [(done, 6) for done in range(1, 7)]


@pytest.mark.parametrize(("features", "steps"), [(2, (1,)), (4, (1, 2, 3)), (18, tuple(range(1, 18)))])
def test_steps_are_all_numbers_but_the_last(features: int, steps: tuple):
    assert studies.default_steps(features) == steps


def test_many_features_are_hidden_in_17_steps():
    steps = studies.default_steps(64)
    assert (steps[0], steps[-1], len(steps)) == (1, 63, 17)


# --- wrong input --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"priors": {}}, "at least one prior; got none"),
        ({"steps": (0,)}, "from 1 to the number of features that can be hidden, 4; got 0"),
        ({"steps": (5,)}, "hidden, 4; got 5"),
        ({"steps": (1.5,)}, "hidden, 4; got 1.5"),
        ({"steps": ()}, "at least one number"),
        ({"steps": (2, 2)}, "each given once"),
        ({"repeats": 0}, "`repeats` must be a whole number of at least 1; got 0"),
        ({"repeats": True}, "`repeats` must be"),
        ({"order": "x1"}, "a list of feature names; got the text 'x1'"),
        ({"order": ("x1", "x9")}, "'x9'"),
        ({"order": ("x1", "x1")}, "names 'x1' twice"),
        ({"priors": {"own": p.Categorical()}}, "own with 1 hidden: the prior 'categorical' takes"),
        ({"priors": {"own": p.Chained()}, "steps": (4,)}, "own with 4 hidden: .* all 4 features are hidden"),
    ],
)
def test_wrong_input_is_said_in_a_sentence(options: dict, said: str):
    options = {"priors": {"own": p.Gaussian()}, **options}
    with pytest.raises(InputError, match=said):
        studies.feature_hiding(SUM, table(), key=KEY, **options)


# --- missing values -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_rows_that_miss_a_value_are_learned_from_and_not_judged():
    """A truth that never meets a missing value, and means over the 57 other rows, in place of 60.

    With an odd number of draws two classes never tie, so each row is right or wrong.
    """
    frame = LAW.frame(60, jax.random.key(5))
    frame.loc[frame.index[:3], "x4"] = np.nan
    own, options = {"own": p.GaussianCopula()}, {"repeats": 1, "evaluator": MonteCarlo(draws=63)}
    made = studies.feature_hiding(SUM, Table.from_frame(frame), own, KEY, steps=(1,), **options)
    right = made["plurality_accuracy"].item() * 57
    assert right == pytest.approx(round(right), abs=1e-9)
    assert 40 < right < 57


def test_a_table_without_a_complete_row_is_refused():
    frame = LAW.frame(20, jax.random.key(5))
    frame.loc[frame.index[:10], "x3"] = np.nan
    frame.loc[frame.index[10:], "x4"] = np.nan
    with pytest.raises(InputError, match="Every row misses a value"):
        studies.feature_hiding(SUM, Table.from_frame(frame), {"own": p.Chained()}, KEY)
