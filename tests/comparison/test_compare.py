"""Priors compared: exact oracles for each score, verdicts where the truth is known, and wrong input in sentences."""

from __future__ import annotations

import dataclasses
import functools
import io
import json

import jax
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import pdist

from synlabel_prob import comparison as c
from synlabel_prob import feature_laws as f
from synlabel_prob import ground_truth as g
from synlabel_prob import priors as p
from synlabel_prob.comparison.features import encoded, energy_scores, uniform_distance
from synlabel_prob.comparison.folds import assign_folds
from synlabel_prob.comparison.labels import class_gap, smoothed
from synlabel_prob.comparison.verdict import is_decided
from synlabel_prob.errors import InputError
from synlabel_prob.process import Process
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.table import Table

KEY = jax.random.key(2309_04318)
TRUTH = g.Linear({"no": {}, "yes": {"x1": 1.0, "x2": 1.0, "x3": 1.0}})
CORRELATED, INDEPENDENT = f.CorrelatedGaussian(0.8), f.CorrelatedGaussian(0.0)
PRIORS = {
    "marginal": p.Gaussian(),
    "regression": p.GaussianRegression(),
    "rows": p.SimilarRows(),
    "label": p.GaussianRegression("observed_and_label"),
}


def table_of(law: f.FeatureLaw, rows: int = 90) -> Table:
    return Table.from_frame(law.frame(rows, jax.random.key(5)))


def processes(*names: str, hidden: tuple[str, ...] = ("x3",)) -> dict[str, Process]:
    return {name: Process(TRUTH, hidden, PRIORS[name]) for name in names}


@functools.cache
def compared() -> c.Comparison:
    options = {"folds": 3, "evaluator": QuasiMonteCarlo(draws=256), "truth": CORRELATED}
    return c.compare(processes(*PRIORS), table_of(CORRELATED), KEY, title="Correlated", **options)


def scores_of(name: str) -> pd.DataFrame:
    rows = c.to_frame(compared())
    return rows[rows["prior"] == name].reset_index(drop=True)


# --- oracles ------------------------------------------------------------------------------------------


def student_log_score(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """The conjugate regression of the last column on the others, written out in NumPy, as a Student-t of each row."""
    center, spread = train.mean(0), train.std(0)
    (x, y), (new, value) = (
        (np.column_stack([np.ones(len(part)), part[:, :-1]]), part[:, -1])
        for part in ((train - center) / spread, (test - center) / spread)
    )
    precision = np.eye(3) / 100.0 + x.T @ x
    mean = np.linalg.solve(precision, x.T @ y)
    scatter = 0.01 + ((y - x @ mean) ** 2).sum() + (mean**2).sum() / 100.0
    degrees = 3.0 + len(train)
    leverage = np.einsum("ij,ij->i", new @ np.linalg.inv(precision), new)
    width = np.sqrt(scatter / degrees * (1 + leverage))
    return stats.t.logpdf(value, degrees, new @ mean, width) - np.log(spread[-1])


@pytest.mark.slow
def test_the_log_score_is_that_of_a_student_t_refitted_without_each_fold():
    features, found = table_of(CORRELATED).features, scores_of("regression")
    expected = np.empty(len(features))
    for fold in range(3):
        held = (found["fold"] == fold).to_numpy()
        expected[held] = student_log_score(features[~held], features[held])
    np.testing.assert_allclose(found["log_score"], expected, rtol=1e-9)
    scores = compared().scores.loc["regression"]
    assert scores["elpd"] == pytest.approx(expected.sum())
    assert scores["elpd_se"] == pytest.approx(np.sqrt(len(expected)) * expected.std(ddof=1))


@pytest.mark.slow
def test_psis_loo_is_near_leaving_each_row_out_exactly():
    # 400 draws of 4 parameters: the Monte Carlo error of the sum was below 0.5 over ten keys.
    features = table_of(CORRELATED).features
    rows = np.arange(len(features))
    exact = sum(student_log_score(features[rows != row], features[[row]])[0] for row in rows)
    assert compared().scores["elpd_loo"]["regression"] == pytest.approx(exact, abs=1.5)
    assert np.isnan(compared().scores["elpd_loo"]["rows"])


def test_the_energy_score_of_normal_draws_is_the_closed_form():
    # CRPS of N(0, 1) at y: y (2 Phi(y) - 1) + 2 phi(y) - 1/sqrt(pi). Standard error over 4000 draws below 0.02.
    truth = np.array([0.0, 1.0, -2.5])
    draws = np.random.default_rng(1).normal(size=(3, 4000, 1))
    expected = truth * (2 * stats.norm.cdf(truth) - 1) + 2 * stats.norm.pdf(truth) - 1 / np.sqrt(np.pi)
    np.testing.assert_allclose(energy_scores(draws, truth[:, None]), expected, atol=0.08)
    two = np.array([[[0.0], [4.0]]])
    assert energy_scores(two, np.array([[1.0]]))[0] == pytest.approx(2.0 - 0.5 * pdist(two[0])[0])


def test_points_are_scaled_numbers_and_indicators():
    table = Table.from_frame(pd.DataFrame({"a": [1.0, 2.0], "b": ["u", "v"]}))
    found = encoded(table.features, table.columns, np.array([2.0, 1.0]))
    np.testing.assert_array_equal(found, [[0.5, 1.0, 0.0], [1.0, 0.0, 1.0]])


def test_the_pit_deviation_is_scipys_distance_of_kolmogorov_and_smirnov():
    for seed in range(5):
        values = np.random.default_rng(seed).beta(2, 1 + seed, size=50)
        distance, error = uniform_distance(values)
        assert distance == pytest.approx(stats.kstest(values, "uniform").statistic)
        assert 0 < error < 0.5 / np.sqrt(50) + 1e-12
    pits = scores_of("regression")["pit[1]"]
    assert compared().scores["pit_deviation"]["regression"] == pytest.approx(stats.kstest(pits, "uniform").statistic)


def test_label_scores_are_those_written_out():
    table, found = table_of(CORRELATED), scores_of("marginal")
    codes = (table.features.sum(1) > 0).astype(int)
    soft = found[["soft_label[no]", "soft_label[yes]"]].to_numpy()
    forecast = (256 * soft + 0.5) / (256 + 1)
    at_label = forecast[np.arange(len(codes)), codes]
    np.testing.assert_allclose(found["label_log_score"], np.log(at_label))
    np.testing.assert_allclose(found["brier_score"], 2 * (1 - at_label) ** 2, atol=1e-12)
    np.testing.assert_allclose(found["mtvd"], 1 - soft[np.arange(len(codes)), codes])
    gap = class_gap(soft, codes)
    differences = soft[:, 1] - codes
    assert abs(gap.difference) == pytest.approx(abs(differences.mean()))
    assert gap.standard_error == pytest.approx(differences.std(ddof=1) / np.sqrt(len(codes)))


def test_smoothing_adds_half_a_count_a_class():
    class Counted:
        probabilities = np.array([[7 / 8, 1 / 8], [1.0, 0.0]])
        evaluations = np.array([8, 0])
        exact = np.array([False, True])

    # What is exact counts as 1,024 draws.
    np.testing.assert_allclose(smoothed(Counted()), [[7.5 / 9, 1.5 / 9], [1024.5 / 1025, 0.5 / 1025]])


def test_uncertainty_splits_into_two_parts_and_theta_has_none_where_nothing_is_unknown():
    for name in ("marginal", "regression"):
        found = scores_of(name)
        total = found["hidden_uncertainty"] + found["theta_uncertainty"]
        assert (found["theta_uncertainty"] >= 0).all()
        assert found["theta_uncertainty"].mean() > 1e-4
        # Other points and fewer thetas than the soft label: means agree within 0.01 nats.
        assert total.mean() == pytest.approx(found["entropy"].mean(), abs=0.02)
    rows = scores_of("rows")
    assert (rows["theta_uncertainty"] == 0).all()
    np.testing.assert_array_equal(rows["hidden_uncertainty"], rows["entropy"])


def test_folds_are_dealt_out_evenly_and_belong_to_the_ids():
    ids = np.arange(50)
    folds = assign_folds(ids, 3, KEY)
    assert sorted(np.bincount(folds)) == [16, 17, 17]
    np.testing.assert_array_equal(assign_folds(ids[::-1], 3, KEY), folds[::-1])
    assert (folds != assign_folds(ids, 3, jax.random.key(1))).any()


def mixed(rows: int = 80) -> Table:
    """A text category that follows a number."""
    random = np.random.default_rng(4)
    score = random.normal(size=rows)
    region = np.where(score + 0.5 * random.normal(size=rows) > 0, "north", "south")
    return Table.from_frame(pd.DataFrame({"score": score, "other": random.normal(size=rows), "region": region}))


def of_a_category(**other: p.Prior) -> c.Comparison:
    truth = g.Rules({"yes": "region == 'north' and other > -1"}, "no")
    made = {
        name: Process(truth, ("region",), prior) for name, prior in {"frequencies": p.Categorical(), **other}.items()
    }
    return c.compare(made, mixed(), KEY, folds=2, evaluator=QuasiMonteCarlo(draws=64))


@pytest.mark.slow
def test_a_hidden_category_is_scored_by_the_frequencies_of_the_other_fold():
    made, codes = of_a_category(smoothed=p.Categorical(2.0)), mixed().features[:, 2].astype(int)
    found = made.rows[made.rows["prior"] == "frequencies"].reset_index(drop=True)
    log_score, energy = np.empty(80), np.empty(80)
    for fold in range(2):
        held = (found["fold"] == fold).to_numpy()
        law = (np.bincount(codes[~held], minlength=2) + 1.0) / ((~held).sum() + 2.0)
        log_score[held] = np.log(law[codes[held]])
        # Indicators of two levels lie the root of 2 apart: E|X - h| and E|X - X'| of a Bernoulli law.
        energy[held] = np.sqrt(2) * (1 - law[codes[held]] - law.prod())
    np.testing.assert_allclose(found["log_score"], log_score)
    # 200 draws a row: a standard error of .05 for each, .006 for the mean; the gate is 5 of them.
    assert found["energy_score"].mean() == pytest.approx(energy.mean(), abs=0.03)


@pytest.mark.slow
def test_a_regression_of_a_category_is_ahead_of_its_frequencies():
    made = of_a_category(logistic=p.LogisticRegression())
    assert made.verdict[0].startswith("By elpd logistic is best")
    assert np.isfinite(made.scores[["pit_deviation", "energy_score", "elpd_loo"]].to_numpy()).all()


@pytest.mark.slow
def test_a_prior_that_is_fitted_by_nuts_has_the_scores_of_the_exact_one():
    # The mean over 200 draws of 4 parameters has a relative error near .02 a row, much of it shared by all 60 rows: a
    # standard deviation near .3 of the sum; the gate is 5 of them. A posterior twice as wide costs more than 3.
    priors = {"exact": p.GaussianRegression(), "nuts": p.GaussianRegression(fit_by="nuts")}
    made = {name: Process(TRUTH, ("x3",), prior) for name, prior in priors.items()}
    scores = c.compare(made, table_of(CORRELATED, 60), KEY, folds=2, evaluator=QuasiMonteCarlo(draws=256)).scores
    assert scores["elpd"]["nuts"] == pytest.approx(scores["elpd"]["exact"], abs=1.5)
    assert scores["elpd_loo"]["nuts"] == pytest.approx(scores["elpd_loo"]["exact"], abs=1.5)
    assert scores["mtvd"]["nuts"] == pytest.approx(scores["mtvd"]["exact"], abs=0.01)
    assert scores["theta_uncertainty"]["nuts"] > 1e-4


# --- verdicts -----------------------------------------------------------------------------------------


def test_under_correlation_the_regression_is_first_and_close_to_the_exact_soft_labels():
    made = compared()
    assert made.scores.index[0] == "regression"
    assert made.verdict[0].startswith("By elpd regression is best: regression is ahead of marginal by")
    assert made.scores["truth_error"]["regression"] < 0.02
    assert made.scores["truth_error"]["marginal"] > 0.05
    assert any("exact soft labels have a standard error of at most" in sentence for sentence in made.verdict)


def test_independent_features_are_undecided():
    options = {"folds": 3, "evaluator": QuasiMonteCarlo(draws=64)}
    made = c.compare(processes("marginal", "regression"), table_of(INDEPENDENT), KEY, **options)
    assert made.verdict[0].startswith("By elpd it is undecided between")
    assert not any("is best" in sentence for sentence in made.verdict)


def test_a_prior_that_sees_the_label_is_shown_and_not_ranked():
    made = compared()
    assert list(made.scores.index[made.scores["sees_label"]]) == ["label"]
    assert made.scores.index[-1] == "label"
    assert "label" not in set(made.differences["prior"]) | set(made.differences["best"])
    assert any(sentence.startswith("label conditions on the ground-truth label") for sentence in made.verdict)


def test_priors_without_a_density_are_ranked_by_energy_score():
    made = compared()
    assert np.isnan(made.scores["elpd"]["rows"])
    assert any("rows has no density" in sentence and "energy score" in sentence for sentence in made.verdict)
    energy = made.differences[made.differences["measure"] == "energy_score"]
    assert set(energy["prior"]) == {"marginal", "regression", "rows"}


def test_when_a_difference_decides():
    assert is_decided("elpd", -10.0, 4.9)
    assert not is_decided("elpd", -10.0, 5.1)
    assert not is_decided("elpd", -3.0, 0.1)
    assert not is_decided("energy_score", 0.0, 0.0)
    assert is_decided("elpd", -np.inf, np.nan)


def test_every_number_has_a_standard_error():
    scores = compared().scores.select_dtypes("float")
    numbers = [name for name in scores if not name.endswith(("_se", "_z"))]
    assert {f"{name}_se" for name in numbers} <= set(scores)
    errors = scores[[f"{name}_se" for name in numbers]].to_numpy()
    assert np.isfinite(errors[np.isfinite(scores[numbers].to_numpy())]).all()


def test_differences_are_paired_by_row():
    first, second = scores_of("regression"), scores_of("marginal")
    paired = (second["log_score"] - first["log_score"]).to_numpy()
    own = compared().differences.set_index(["measure", "prior"]).loc[("elpd", "marginal")]
    assert own["best"] == "regression"
    assert own["difference"] == pytest.approx(paired.sum())
    assert own["standard_error"] == pytest.approx(np.sqrt(len(paired)) * paired.std(ddof=1))


# --- out ----------------------------------------------------------------------------------------------


def test_files_hold_what_was_compared():
    made = compared()
    files = c.comparison_files(made, {"seed": 3})
    assert files["comparison.png"].startswith(b"\x89PNG")
    assert files == c.comparison_files(made, {"seed": 3})
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(files["comparison.parquet"])), made.scores)
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(files["rows.parquet"])), made.rows)
    plain = json.loads(files["comparison.json"])
    assert plain["verdict"] == list(made.verdict)
    assert plain["seed"] == 3
    assert len(plain["disagreement"]) == 6


def test_the_text_shows_every_prior_and_the_verdict():
    text = c.to_text(compared())
    assert max(map(len, text.splitlines())) < 160
    for words in (*PRIORS, "elpd", "not ranked", "By elpd"):
        assert words in text


def test_the_picture_explains_itself():
    figure = c.draw(compared())
    shown = [axes for axes in figure.axes if axes.axison]
    assert all(axes.get_xlabel() and axes.get_title() for axes in shown)
    assert [label.get_text() for label in shown[0].get_yticklabels()] == list(compared().scores.index)
    assert "sees the label: not ranked" in {text.get_text() for text in figure.legends[0].get_texts()}


# --- wrong input --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "options", "said"),
    [
        (processes("marginal"), {}, "at least two to compare; got 1"),
        (processes("marginal", "regression"), {"folds": 1}, "`folds` must be a whole number from 2 to half"),
        (processes("marginal", "rows") | processes("regression", hidden=("x1",)), {}, "must share their hidden"),
        (processes("marginal") | {"again": Process(TRUTH, ("x3",), p.Gaussian())}, {}, "'marginal' and 'again'"),
        (processes("marginal") | {"levels": Process(TRUTH, ("x3",), p.Categorical())}, {}, "levels: the prior 'cat"),
        (processes("rows") | {"around": Process(TRUTH, ("x3",), p.Berkson(scale=0.1))}, {}, "'around': .* own hidden"),
        (processes("marginal", "rows"), {"truth": f.Parabola()}, "truth: the law 'parabola' is of the features"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_sentence(given, options, said):
    with pytest.raises(InputError, match=said):
        c.compare(given, table_of(CORRELATED), KEY, **options)


# --- missing values -----------------------------------------------------------------------------------


def incomplete_processes() -> dict[str, Process]:
    # Of the family that takes missing values and compiles fastest.
    priors = {name: p.Chained(draws=draws) for name, draws in (("a", 4), ("b", 5))}
    truth = g.Rules({"yes": "x1 + x2 + x3 > 0"}, "no")
    return {name: Process(truth, ("x3",), prior) for name, prior in priors.items()}


def incomplete_table(rows: int = 90) -> Table:
    """`x2` is missing in every fifth row."""
    frame = CORRELATED.frame(rows, jax.random.key(5))
    frame.loc[::5, "x2"] = np.nan
    return Table.from_frame(frame)


@pytest.mark.slow
def test_rows_that_miss_a_value_are_learned_from_and_not_judged():
    made = c.compare(incomplete_processes(), incomplete_table(), KEY, folds=2, evaluator=QuasiMonteCarlo(draws=64))
    assert (made.num_rows, made.learned_only) == (72, 18)
    judged = np.arange(90) % 5 > 0
    for name in ("a", "b"):
        own = made.rows[made.rows["prior"] == name]
        np.testing.assert_array_equal(own["row"], incomplete_table().row_ids[judged])
        assert own.drop(columns="pit[1]").notna().all(axis=None)
        assert sorted(own["fold"].unique()) == [0, 1]
    assert len(made.disagreement) == 72
    assert "72 rows in 2 folds; hidden: x3; 18 more miss a value: learned from, not judged" in c.to_text(made)
    assert c.to_plain(made)["learned_only"] == 18


def test_priors_that_cannot_take_missing_values_are_named():
    processes = incomplete_processes()
    processes["plain"] = dataclasses.replace(processes["a"], prior=p.Gaussian())
    with pytest.raises(
        InputError, match=r"^plain: features have missing values \(x2\) and the prior 'gaussian' does not"
    ):
        c.compare(processes, incomplete_table(), KEY)


def test_folds_are_of_the_rows_that_miss_no_value():
    with pytest.raises(InputError, match="half the number of rows that miss no value, 4; got 5"):
        c.compare(incomplete_processes(), incomplete_table(10), KEY, folds=5)
