"""The pictures: which panels there are, what they say, and when there is none."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import incomplete_table, mixed_table
from runs import run
from test_inspection_fit import sampled, tree_of

from synlabel_prob import ground_truth as g
from synlabel_prob import inspection, metrics
from synlabel_prob import priors as p
from synlabel_prob.errors import InputError
from synlabel_prob.inspection import panels
from synlabel_prob.process import Process, fit, generate
from synlabel_prob.soft_labels import MonteCarlo

KEY = jax.random.key(3)


def shown(figure) -> list:
    """The axes that hold something."""
    figure.savefig("/dev/null", format="png")  # laying it out raises what is wrong with it
    return [axes for axes in figure.axes if axes.axison or axes.lines]


def legend(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_marginals_have_a_panel_a_feature_with_levels_as_bars():
    figure = inspection.plot_marginals(run("mixed")[0], KEY)
    axes = shown(figure)
    assert [own.get_xlabel() for own in axes] == ["region", "income", "height"]
    assert [own.get_ylabel() for own in axes] == ["share", "density", "density"]
    assert [tick.get_text() for tick in axes[0].get_xticklabels()] == ["north", "south", "west"]
    heights = [bar.get_height() for bar in axes[0].patches[:3]]
    region = run("mixed")[0].table.features[:, run("mixed")[0].hidden[0]]
    np.testing.assert_allclose(heights, np.bincount(region.astype(int)) / len(region))
    assert legend(figure) == ["data", "draws of the prior"]


def test_pairs_have_a_panel_each():
    axes = shown(inspection.plot_pairs(run("mixed")[0], KEY))
    pairs = [(own.get_xlabel(), own.get_ylabel()) for own in axes]
    assert pairs == [("region", "income"), ("region", "height"), ("income", "height")]


@pytest.mark.slow
def test_before_and_after_the_fit():
    figure = inspection.plot_prior_and_posterior(run("mixed")[0], tree_of("mixed"))
    assert [own.get_title() for own in shown(figure)] == ["region", "income", "height"]
    assert legend(figure) == ["prior predictive", "posterior predictive", "data"]


def test_calibration_says_that_it_is_in_sample():
    figure = inspection.plot_calibration(run("plain")[0], KEY)
    assert "in sample: 150 reference rows" in figure.get_suptitle()
    assert shown(figure)[1].get_title() == "petal width (cm)\ngiven the features before it"


@pytest.mark.parametrize(("name", "drawn"), [("plain", 2), ("mixed", 2), ("without_noise", 1)])
def test_soft_labels_and_entropies_before_and_after_noise(name, drawn):
    figure = inspection.plot_soft_labels(*run(name))
    assert len(shown(figure)) == drawn
    assert legend(figure) == [str(value) for value in run(name)[0].classes]
    assert len(legend(inspection.plot_entropy(*run(name)))) == drawn + 1


def test_points_of_three_classes_are_in_the_simplex_at_their_probabilities():
    soft = run("plain")[1].partial.soft_labels
    points = np.asarray(inspection.plot_soft_labels(*run("plain")).axes[0].collections[0].get_offsets())
    np.testing.assert_allclose(points[:, 1] / np.sqrt(0.75), soft[:, 2], atol=1e-12)
    np.testing.assert_allclose(points[:, 0], soft[:, 1] + soft[:, 2] / 2, atol=1e-12)


def two_classes(hidden):
    truth = g.Rules({"high": "income > 40000 and size >= 'M'"}, otherwise="low")
    blocks = {"income": p.Block(("income",), p.GaussianRegression()), "size": p.Block(("size",), p.Categorical())}
    fitted = fit(Process(truth, hidden, p.Product(tuple(blocks[name] for name in hidden))), mixed_table())
    return fitted, generate(fitted, KEY, MonteCarlo(draws=32))


@pytest.mark.parametrize("hidden", [("income",), ("size",), ("size", "income")])
def test_a_row_shows_its_labels_over_its_hidden_features(hidden):
    fitted, made = two_classes(hidden)
    figure = inspection.plot_row(fitted, made, KEY)
    (axes,) = shown(figure)
    assert axes.get_xlabel() == hidden[0]
    assert axes.get_ylabel() in ("density of the draws", "share of the draws", "income")
    place = metrics.entropy(made.partial.soft_labels).argmax()
    assert figure.get_suptitle().startswith(f"Row {fitted.table.row_ids[place]}:")
    assert {text.partition(":")[0] for text in legend(figure)[:2]} == {"high", "low"}
    assert len(shown(inspection.plot_soft_labels(fitted, made))) == 1


def test_of_many_hidden_features_two_are_shown():
    figure = inspection.plot_row(*run("mixed"), KEY, row=7)
    assert "the 2 of 3 hidden features" in figure.get_suptitle()
    assert figure.get_suptitle().startswith("Row 7:")


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [("income",), ("income", "height")])
def test_a_row_whose_hidden_value_is_missing_has_no_recorded_values(hidden):
    truth = g.Rules({"high": "income > 40000 and height > 1.7"}, otherwise="low")
    fitted = fit(Process(truth, hidden, p.GaussianCopula()), incomplete_table(missing=("income",)), KEY)
    made = generate(fitted, KEY, MonteCarlo(draws=32))
    figure = inspection.plot_row(fitted, made, KEY, row=fitted.table.row_ids[3])
    (axes,) = shown(figure)
    assert not any("recorded" in text for text in legend(figure))
    assert np.isfinite([*axes.get_xlim(), *axes.get_ylim()]).all()


@pytest.mark.slow
def test_chains_have_traces_and_sizes():
    figure = inspection.plot_theta(sampled())
    axes = shown(figure)
    assert len(axes) == 9
    assert all(len(own.lines) == 2 and "ESS" in own.get_title() for own in axes[:-1])
    assert legend(figure)[:2] == ["chain 0", "chain 1"]


def one_hidden():
    truth = g.Rules({"high": "income > 40000"}, otherwise="low")
    return fit(Process(truth, ("income",), p.Gaussian()), mixed_table(), KEY)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: inspection.plot_theta(run("plain")[0]), "not sampled by a Markov chain"),
        (lambda: inspection.plot_pairs(one_hidden(), KEY), "needs two hidden features"),
        (lambda: inspection.plot_row(*run("plain"), row="x"), "must be the id of a row; got 'x'"),
        (
            lambda: inspection.plot_prior_and_posterior(
                run("without_noise")[0], inspection.fit_datatree(run("without_noise")[0], theta_draws=4)
            ),
            "has no parameters to learn",
        ),
    ],
)
def test_pictures_that_do_not_apply_say_why(draw, said):
    with pytest.raises(InputError, match=said):
        draw()


def test_names_and_panels_that_do_not_fit_are_cut():
    name = "a long name of a feature in $ and more words than fit"
    assert panels.fitting(name, 20) == "a long name of a\nfeature in \\$ and\nmore words than fit"
    assert panels.fitting(name, 20, 2) == "a long name of a\nfeature in \\$ and\u2026"
    assert panels.fitting("sepal_length_in_cm", 10) == "sepal_\nlength_in_\ncm"
    assert panels.left_out(12, "pairs") == "3 of 12 pairs are left out"
    assert panels.left_out(9, "pairs") == ""
    assert len(panels.class_colors(14)) == 14
