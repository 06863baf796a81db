"""Posteriors against a grid, against an independently written model, and against what counting votes would say."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import pytest
from inversion_cases import Case, hard, voted, voted_by_difficulty
from scipy import stats

from synlabel_prob.inference import effective_sizes, nuts
from synlabel_prob.inversion import Observed, against_truth, infer

NAMES = list("abc")


def test_the_posterior_is_the_one_on_a_grid(key):
    # Two classes, known q: T has two error rates e = r / 2 with r ~ Beta(1, 2), and a grid of 400 x 400 is near exact.
    # Each of the 8 comparisons is off by more than 5 Monte Carlo errors with probability 6e-7.
    case = hard(60, 2, seed=1)
    law, said = case.observed.soft_labels, case.observed.hard_labels
    rate = (np.arange(400) + 0.5) / 800
    first, second = np.meshgrid(rate, rate, indexing="ij")
    to_second = law[:, 0, None, None] * first + law[:, 1, None, None] * (1 - second)
    logs = np.log(np.where(said[:, None, None] == 1, to_second, 1 - to_second)).sum(0)
    logs += np.log(1 - 2 * first) + np.log(1 - 2 * second)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    found = infer(case.observed, key, draws=4000).posterior
    assert found.diagnostics.divergences == 0 and found.diagnostics.largest_r_hat < 1.01 and found.warnings == ()
    size = np.sqrt(found.diagnostics.smallest_effective_sample_size)
    table = found.transition.set_index(["true_class", "observed_class"])
    for cell, values in ((("a", "b"), first), (("b", "a"), second)):
        mean = (weights * values).sum()
        deviation = np.sqrt((weights * (values - mean) ** 2).sum())
        assert abs(table["mean"][cell] - mean) < 5 * deviation / size
        assert abs(table["sd"][cell] / deviation - 1) < 5 / size
        upper = np.interp(0.95, np.cumsum(weights.sum(1 if cell == ("a", "b") else 0)), rate)
        assert abs(table["upper"][cell] - upper) < 5 * 2.2 * deviation / size  # the error of a 95% quantile, normal law
    kept = np.where(said[:, None, None] == 1, 1 - second, second) * law[:, 1, None, None]
    seen = np.where(said[:, None, None] == 1, to_second, 1 - to_second)
    of_row = kept / seen  # P(true class b | label, T)
    mean = (weights * of_row).sum((1, 2))
    deviation = np.sqrt((weights * (of_row - mean[:, None, None]) ** 2).sum((1, 2)))
    np.testing.assert_array_less(np.abs(found.rows["probability[b]"] - mean), 5 * deviation / size + 1e-6)


@pytest.mark.slow
def test_the_record_has_named_dimensions_and_ranks_rows(key):
    case = hard(300, 3, given="features")
    observed = Observed(
        NAMES,
        hard_labels=case.observed.hard_labels,
        features=case.observed.features,
        row_ids=[f"r{number}" for number in range(300)],
        feature_names=["u", "v"],
    )
    found = infer(observed, key)
    made = found.posterior
    assert made.diagnostics.divergences == 0 and made.diagnostics.largest_r_hat < 1.01
    posterior = made.tree["posterior"].dataset
    assert posterior["transition"].dims == ("chain", "draw", "true_class", "observed_class")
    assert posterior["weights"].dims == ("chain", "draw", "feature", "true_class")
    assert posterior["feature"].to_numpy().tolist() == ["u", "v"]
    np.testing.assert_allclose(
        posterior["transition"].mean(("chain", "draw")).to_numpy().ravel(), made.transition["mean"], rtol=1e-6
    )
    rows = made.rows
    assert rows["row_id"].tolist() == list(observed.row_ids)
    assert sorted(rows["rank"]) == list(range(1, 301))
    assert rows.sort_values("rank")["wrong_probability"].is_monotonic_decreasing
    probabilities = rows[[f"probability[{name}]" for name in NAMES]].to_numpy()
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-9)
    own = probabilities[np.arange(300), observed.hard_labels]
    np.testing.assert_allclose(rows["wrong_probability"], 1 - own, atol=1e-9)
    assert "of the labels are wrong (90% interval)" in made.sentences[0]
    assert against_truth(found, case.labels).ranking > 0.8


@pytest.mark.slow
def test_equal_keys_give_equal_draws(key):
    observed = hard(80, 2).observed
    first, second = (infer(observed, key, draws=100, warmup=100) for _ in range(2))
    assert first.posterior.tree.equals(second.posterior.tree)


@pytest.mark.slow
def test_observed_soft_labels_tell_more_when_their_panel_is_large(key):
    random = np.random.default_rng(2)
    law = random.dirichlet(np.full(3, 0.4), 200)
    transition = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.2, 0.8]])
    seen = np.stack([random.multinomial(20, own) for own in law @ transition]) / 20
    spread = []
    for size in (1, 20):
        made = infer(Observed(NAMES, observed_soft=seen, panel_size=size, soft_labels=law), key).posterior
        spread.append(made.transition["sd"].mean())
        assert made.diagnostics.divergences == 0
    assert spread[1] < 0.5 * spread[0]
    # The panel's own size: 9 entries, dependent, within 5 posterior standard deviations.
    assert (np.abs(made.transition["mean"] - transition.ravel()) < 5 * made.transition["sd"]).all()


@pytest.mark.slow
def test_unreliable_draws_are_said(key):
    found = infer(hard(60, 3).observed, key, draws=20, warmup=20).posterior
    assert any("independent ones" in sentence for sentence in found.warnings)


# --- votes --------------------------------------------------------------------------------------------


def annotators(kind: str, random: np.random.Generator, number: int = 6, classes: int = 3) -> np.ndarray:
    """Transitions of annotators by models of the literature."""
    one, eye = np.ones((classes, classes)), np.eye(classes)
    if kind == "one_coin":  # right with probability 1 - e, else any other class
        rates = random.uniform(0.1, 0.5, number)
        return np.stack([(1 - e) * eye + e / (classes - 1) * (one - eye) for e in rates])
    if kind == "dawid_skene":  # rows of any shape, the right class the likeliest
        return np.stack([0.5 * eye + 0.5 * random.dirichlet(np.full(classes, 0.7), classes) for _ in range(number)])
    if kind == "hammer_spammer":  # right, or any class whatever the truth
        return np.stack([eye * 0.98 + one * 0.02 / classes if who % 2 else one / classes for who in range(number)])
    if kind == "ordinal":  # a latent score with a bias and a scale of one's own, cut at thresholds
        cuts = np.array([-np.inf, -0.5, 0.5, np.inf])
        bias, scale = random.normal(0, 0.3, number), np.exp(random.normal(-0.5, 0.3, number))
        upper = stats.norm.cdf((cuts - (np.arange(3) - 1)[:, None] - bias[:, None, None]) / scale[:, None, None])
        return np.diff(upper, axis=-1)
    competence = random.beta(2, 2, number)  # MACE: right, or a habit of one's own
    return np.stack([c * eye + (1 - c) * random.dirichlet(np.ones(classes)) for c in competence])


def plurality_score(case: Case) -> float:
    """Mean log probability of the true label under the shares of the votes, one pseudo-vote for each class."""
    counts = case.observed.counts() + 1.0
    return float(np.log(counts / counts.sum(1, keepdims=True))[np.arange(len(case.labels)), case.labels].mean())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["one_coin", "dawid_skene", "hammer_spammer", "mace", "ordinal", "glad"])
def test_the_true_labels_are_better_known_than_by_counting_votes(kind, key):
    # Fixed data of 300 rows. Gains are 0.17 (one coin) to 0.64 nats a row.
    random = np.random.default_rng(7)
    law = np.array([0.5, 0.3, 0.2])
    if kind == "glad":
        case = voted_by_difficulty(300, law=law)
    else:
        case = voted(300, annotators(kind, random), each=4, law=law)
    found = infer(case.observed, key).posterior
    assert found.diagnostics.divergences == 0 and found.diagnostics.largest_r_hat < 1.01
    law = found.rows[[f"probability[{name}]" for name in NAMES]].to_numpy()
    score = np.log(law[np.arange(300), case.labels]).mean()
    assert score > plurality_score(case) + 0.1


def dawid_skene(patterns):
    """Written on its own: how often each triple of votes occurs is multinomial; `patterns (3, 3, 3)` counts them."""
    law = numpyro.sample("law", dist.Dirichlet(jnp.ones(3)))
    with numpyro.plate("who", 3, dim=-2), numpyro.plate("class", 3, dim=-1):
        reach = numpyro.sample("reach", dist.Beta(1, 2))
        shares = numpyro.sample("shares", dist.Dirichlet(jnp.ones(2)))
    rate = reach / (1 + shares.max(-1))
    rest = rate[..., None] * shares
    stacked = [jnp.insert(rest[:, code], code, 1 - rate[:, code], axis=-1) for code in range(3)]
    matrix = numpyro.deterministic("matrix", jnp.stack(stacked, 1))
    probabilities = jnp.einsum("t,ta,tb,tc->abc", law, *matrix).ravel()
    numpyro.sample("patterns", dist.Multinomial(int(patterns.sum()), probabilities), obs=patterns.ravel())


@pytest.mark.slow
def test_a_model_written_on_its_own_has_the_same_posterior(key):
    # 27 means and 27 standard deviations, each off by more than 5 Monte Carlo errors with probability 6e-7.
    random = np.random.default_rng(9)
    case = voted(60, annotators("dawid_skene", random, number=3), seed=2)
    row, who, said = case.observed.votes
    patterns = np.zeros((3, 3, 3), int)
    np.add.at(patterns, tuple(said[who == annotator][np.argsort(row[who == annotator])] for annotator in range(3)), 1)
    other = nuts(dawid_skene, key, patterns, draws=2000).by_chain["matrix"]
    made = infer(case.observed, key).posterior
    own = made.tree["posterior"]["transition"].to_numpy()
    sizes = [effective_sizes(draws) for draws in (own, other)]
    error = np.sqrt(sum(draws.var((0, 1)) / size for draws, size in zip((own, other), sizes, strict=True)))
    np.testing.assert_array_less(np.abs(own.mean((0, 1)) - other.mean((0, 1))), 5 * error)
    smallest = min(size.min() for size in sizes)
    ratio = own.std((0, 1)) / other.std((0, 1))
    np.testing.assert_array_less(np.abs(np.log(ratio)), 5 * np.sqrt(2 / smallest))


@pytest.mark.slow
def test_an_annotator_that_cannot_be_told_has_no_numbers(key):
    random = np.random.default_rng(0)
    votes = voted(60, annotators("one_coin", random, number=3)).observed.votes
    more = tuple(np.concatenate([old, new]) for old, new in zip(votes, ([60], [3], [1]), strict=True))
    made = infer(Observed(NAMES, votes=more, annotators=list("wxyz")), key, draws=200, warmup=200).posterior
    assert set(made.transition["annotator"]) == set("wxy")
    assert made.tree["posterior"]["annotator"].to_numpy().tolist() == list("wxy")
    last = made.accuracy.iloc[-1]
    assert not last["told"] and np.isnan(last["mean"]) and last["votes"] == 1


@pytest.mark.slow
def test_votes_and_features_go_together(key):
    random = np.random.default_rng(3)
    case = hard(200, 2, given="features", seed=5)
    matrices = annotators("one_coin", random, number=2, classes=2)
    row, who = np.repeat(np.arange(200), 2), np.tile([0, 1], 200)
    said = np.where(random.uniform(size=400) < matrices[who, case.labels[row], 1], 1, 0)
    observed = Observed(["a", "b"], votes=(row, who, said), features=case.observed.features)
    made = infer(observed, key, draws=600).posterior
    assert made.diagnostics.divergences == 0
    # Four free entries; each within 5 posterior standard deviations of the truth.
    assert (np.abs(made.transition["mean"] - matrices.ravel()) < 5 * made.transition["sd"]).all()
