from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from runs import RUN_NAMES, run

from synlabel_prob.process import Ledger
from synlabel_prob.report import from_plain, noise_report, report, to_plain, to_text

BEFORE = np.array([[1.0, 0.0], [0.6, 0.4], [0.0, 1.0], [0.5, 0.5]])
ONE_WAY = np.array([[0.5, 0.5], [0.0, 1.0]])
LEDGER = Ledger("one_way", np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), np.array([0.5, 0.5, 0.0, 0.0]))


def of_node(transition=ONE_WAY, **options):
    """The report of a node that moves half of the first class."""
    changes = BEFORE[:, 0] * 0.5
    return noise_report(LEDGER, BEFORE, BEFORE @ ONE_WAY, changes, transition, **options)


def test_a_node_in_numbers_worked_out_by_hand():
    found = of_node(nominal_rate=0.25)
    assert (found.name, found.nominal_rate) == ("one_way", 0.25)
    assert found.expected_rate == pytest.approx((0.5 + 0.3 + 0.0 + 0.25) / 4)
    assert found.realised_rate == 0.25
    assert found.mean_total_variation == pytest.approx((0.5 + 0.3 + 0.0 + 0.25) / 4)
    # (0.5, 0.5) shares a most likely class with (1, 0); (0.3, 0.7) does not with (0.6, 0.4).
    assert found.plurality_change == 0.25
    singular = np.linalg.svd(ONE_WAY, compute_uv=False)
    assert found.condition_number == pytest.approx(singular[0] / singular[1])
    assert found.smallest_singular_value == pytest.approx(singular[1])
    assert found.row_dominant == 0.0


def test_a_node_whose_rows_differ_is_described_by_its_worst_row():
    found = of_node(np.stack([np.eye(2), np.eye(2), np.eye(2), np.full((2, 2), 0.5)]))
    assert found.condition_number == math.inf
    assert found.smallest_singular_value == pytest.approx(0.0, abs=1e-12)
    assert found.row_dominant == 0.75


@pytest.mark.parametrize("name", RUN_NAMES)
def test_reports_survive_json_and_are_short(name):
    made = report(*run(name), title="A title")
    assert from_plain(json.loads(json.dumps(to_plain(made), allow_nan=False))) == made
    lines = to_text(made).splitlines()
    assert lines[0] == "A title" and len(lines) <= 30
    assert max(len(line) for line in lines) <= 100
    assert len(made.noise) == len(run(name)[0].nodes)


def test_an_infinite_condition_number_survives_json():
    made = report(*run("plain"))
    infinite = made.noise[0]._replace(condition_number=math.inf)
    made = from_plain({**to_plain(made), "noise": [infinite._asdict()]})
    text = json.dumps(to_plain(made), allow_nan=False)
    assert from_plain(json.loads(text)).noise == (infinite,)
    assert "inf" in to_text(made)


def test_rates_are_those_of_the_datasets():
    fitted, generated = run("plain")
    made = report(fitted, generated)
    assert [node.nominal_rate for node in made.noise] == [0.2, None]
    # Symmetric noise changes every label at its rate, whatever the soft labels.
    assert made.noise[0].expected_rate == pytest.approx(0.2)
    noisy = generated.observed_hard.hard_labels
    assert made.changed_from_drawn == np.mean(noisy != generated.drawn_label) > 0
    assert made.changed_from_ground_truth == np.mean(noisy != fitted.labels)
    assert made.hidden == ("petal length (cm)", "petal width (cm)")
    assert made.prior == fitted.process.prior.explain()
    assert 0 < made.largest_standard_error < 0.1
    assert 0 < made.mean_entropy < np.log(3)


def test_a_law_as_a_rate_reports_its_mean():
    assert report(*run("unknown_noise")).noise[0].nominal_rate == pytest.approx(0.2, abs=1e-12)


def test_hard_labels_that_start_at_the_ground_truth_say_so():
    made = report(*run("label"))
    assert made.changed_from_drawn == made.changed_from_ground_truth
    assert "start at the ground truth" in to_text(made)


def test_no_noise_is_said():
    made = report(*run("without_noise"))
    assert made.noise == ()
    assert any(line.split() == ["noise", "none"] for line in to_text(made).splitlines())


def test_a_prior_that_sees_the_label_is_warned_about():
    assert any("conditions on the ground-truth label" in sentence for sentence in report(*run("label")).warnings)
    assert "warning: The prior conditions on the ground-truth label" in to_text(report(*run("label")))


def test_rows_that_missed_the_target_are_counted():
    fitted, generated = run("target")
    made = report(fitted, generated)
    missed = int((generated.soft.standard_error.max(1) > 0.01).sum())
    assert 0 < missed < made.rows
    assert made.rows_above_target == missed
    assert made.warnings[0].startswith(f"{missed} of {made.rows} rows did not reach")
    assert f"({missed} rows above the target)" in to_text(made)


def test_votes_in_numbers_worked_out_once_more():
    fitted, generated = run("votes")
    made, votes = report(fitted, generated), generated.votes
    found, names = made.votes, range(len(votes.names))
    starts, truth = generated.vote_starts, fitted.labels[votes.rows]
    for labels, accuracy in ((starts, found.accuracy_from_start), (truth, found.accuracy_from_ground_truth)):
        right = [np.mean((votes.labels == labels)[votes.annotators == who]) for who in names]
        assert accuracy == pytest.approx(np.mean(right))
    by_row = [votes.labels[votes.rows == row] for row in range(made.rows)]
    several = [labels for labels in by_row if len(labels) > 1]
    assert found.unanimity == pytest.approx(np.mean([len(set(labels)) == 1 for labels in several]))
    assert (found.annotators, found.votes, found.labels_from) == (6, len(votes), "shared")
    assert (found.fewest_a_row, found.most_a_row) == (min(map(len, by_row)), max(map(len, by_row))) == (0, 3)
    text = to_text(made)
    assert f"annotators     6; {len(votes)} votes, 0 to 3 a row, from the row's noisy hard label" in text
    assert f"mean {found.accuracy_from_start:.4f} against the label that they start from" in text


def test_reports_of_before_there_were_votes_are_read():
    plain = to_plain(report(*run("plain")))
    assert plain.pop("votes") is None
    assert from_plain(plain).votes is None


def test_observed_sets_in_numbers_worked_out_once_more():
    fitted, generated = run("candidates")
    made, sets = report(fitted, generated), generated.observed_sets
    found = made.observation
    sizes = np.array([sum(row) for row in sets.tolist()])
    rate = float(generated.parameters["observation.rate"])
    assert (found.kind, found.ambiguity) == ("candidates", pytest.approx(rate))
    assert found.mean_size == pytest.approx(sizes.mean())
    assert (found.observed, found.missing) == (pytest.approx((sizes == 1).mean()), pytest.approx((sizes == 3).mean()))
    text = to_text(made)
    assert f"observed sets  {found.observed:.1%} of rows have one class, {found.missing:.1%} all (missing)" in text
    assert f"a wrong class comes along with probability {rate:.4f} at most" in text
    assert from_plain(to_plain(made)) == made


def test_reports_of_before_there_were_observations_are_read():
    plain = to_plain(report(*run("plain")))
    assert plain.pop("observation") is None
    assert from_plain(plain).observation is None


def test_features_in_numbers_worked_out_once_more():
    fitted, generated = run("noisy_features")
    made = report(fitted, generated)
    before, after = generated.partial.view, generated.observed_hard.view
    assert [it.feature for it in made.feature_noise] == ["age", "size"]
    age, size = made.feature_noise
    errors = after.features[:, 0] - before.features[:, 0]
    assert age.relative_error == pytest.approx(errors.std() / before.features[:, 0].std())
    assert (age.changed, age.lost) == (1.0, 0.0)
    assert size.lost == pytest.approx(np.isnan(after.features[:, 1]).mean()) and size.relative_error is None
    assert size.changed == pytest.approx((after.features[:, 1] != before.features[:, 1]).mean())
    text = to_text(made)
    assert f"  age              1.0000    0.0000{age.relative_error:>10.4f}" in text
    assert from_plain(json.loads(json.dumps(to_plain(made)))) == made


def test_many_noisy_features_are_cut_short():
    made = report(*run("noisy_features"))
    many = tuple(made.feature_noise[0]._replace(feature=f"{'x' * 60}{number}") for number in range(30))
    lines = to_text(dataclasses.replace(made, feature_noise=many)).splitlines()
    assert len(lines) <= 30 and max(map(len, lines)) <= 100
    assert "  and 25 more features, in summary.json" in lines


def test_reports_of_before_there_was_noise_on_features_are_read():
    plain = to_plain(report(*run("plain")))
    assert plain.pop("feature_noise") == []
    assert from_plain(plain).feature_noise == ()
    assert "feature noise" not in to_text(from_plain(plain))


def test_rates_by_class_are_those_of_the_ledger():
    fitted, generated = run("plain")
    made = report(fitted, generated)
    for node, entry in zip(made.noise, generated.ledger, strict=True):
        for code in range(len(fitted.classes)):
            own = entry.before == code
            assert node.expected_by_class[code] == pytest.approx(entry.flip_probability[own].mean())
            assert node.realised_by_class[code] == pytest.approx((entry.after != entry.before)[own].mean())
    assert "by class" in to_text(made)
    assert from_plain(json.loads(json.dumps(to_plain(made)))) == made
