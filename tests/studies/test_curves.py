"""Tables and pictures of a study, and the script that draws the one of the document."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from test_feature_hiding import study

from synlabel_prob import studies
from synlabel_prob.errors import InputError


def test_curves_are_means_of_the_repeats_with_their_errors():
    made, own = studies.curves(study()), study().query("prior == 'marginal' and hidden == 2")
    row = made.query("prior == 'marginal' and hidden == 2").iloc[0]
    assert row["mtvd"] == pytest.approx(own["mtvd"].mean(), abs=1e-15)
    assert row["mtvd_draws_se"] == pytest.approx(abs(np.diff(own["mtvd"])[0]) / 2)
    assert row["mtvd_rows_se"] == pytest.approx(own["mtvd_se"].mean())
    assert np.isnan(studies.curves(study().query("repeat == 0"))["mtvd_draws_se"]).all()


def test_the_text_has_a_line_for_each_prior_and_measure():
    text = studies.to_text(study(), title="Four numbers")
    assert text.startswith("Four numbers\n2 repeats")
    assert text.count("conditional") == text.count("marginal") == len(studies.MEASURES)


def test_repeats_that_differ_between_priors_are_told_as_a_range():
    fewer = study().query("prior == 'marginal' or repeat == 0")
    assert studies.to_text(fewer).startswith("1 to 2 repeats;")
    assert studies.draw_curves(fewer).get_suptitle().startswith("means of 1 to 2 repeats;")
    assert studies.draw_curves(fewer.query("repeat == 0")).get_suptitle().startswith("one run;")


def test_the_picture_has_the_curves_and_the_reference_in_the_same_color():
    reference = studies.curves(study()).query("prior == 'marginal'").assign(mean_entropy=0.5)
    figure = studies.draw_curves(study(), reference, title="Four numbers")
    entropy = figure.axes[0]
    lines = {line.get_label(): line for line in entropy.get_lines()}
    expected = studies.curves(study()).query("prior == 'marginal'")["mean_entropy"]
    np.testing.assert_array_equal(lines["marginal"].get_ydata(), expected)
    np.testing.assert_array_equal(lines["marginal, reference"].get_ydata(), 0.5)
    assert lines["marginal, reference"].get_linestyle() == "--" != lines["marginal"].get_linestyle()
    assert to_hex(lines["marginal, reference"].get_color()) == to_hex(lines["marginal"].get_color())
    assert to_hex(lines["conditional"].get_color()) != to_hex(lines["marginal"].get_color())
    assert len(entropy.collections) == 2  # bands
    assert (entropy.get_xlabel(), entropy.get_ylabel()) == ("hidden features", "mean entropy, nats")
    assert "Four numbers" in figure.get_suptitle()
    (legend,) = figure.legends
    entries = [entry.get_text() for entry in legend.get_texts()]
    assert entries == ["conditional", "marginal", "reference for the prior\nof the same colour"]


def test_the_legend_names_a_reference_without_a_curve_of_its_own():
    reference = studies.curves(study()).query("prior == 'marginal'").assign(prior="theirs")
    (legend,) = studies.draw_curves(study(), reference).legends
    assert "theirs, reference" in [entry.get_text() for entry in legend.get_texts()]


def test_curves_that_coincide_are_both_seen_and_bands_of_shares_stay_shares():
    same = pd.concat([study().assign(prior=name) for name in ("one", "two")]).query("hidden == 1")
    accuracy = studies.draw_curves(same).axes[1]
    below, above = accuracy.get_lines()
    assert below.get_linewidth() > above.get_linewidth()
    assert below.get_markersize() > above.get_markersize()
    assert max(band.get_paths()[0].vertices[:, 1].max() for band in accuracy.collections) <= 1


def test_frames_that_are_no_study_are_refused():
    with pytest.raises(InputError, match="lacks repeat"):
        studies.curves(study().drop(columns="repeat"))
    with pytest.raises(InputError, match="it has 0 rows"):
        studies.to_text(study()[:0])
    with pytest.raises(InputError, match=r"`reference` must be a frame .* lacks mean_entropy"):
        studies.draw_curves(study(), study()[["prior", "hidden", "plurality_accuracy"]])


def test_the_script_draws_curves_beside_those_of_a_summary(tmp_path):
    script = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs" / "feature_hiding.py"))
    measured = {"mean_entropy_nats": [0.1, 0.2], "plurality_accuracy": [0.9, 0.8], "mtvd_vs_G": [0.1, 0.2]}
    summary = pd.DataFrame({"method": "marginal_KDE", "n_hidden": [1, 2], **measured})
    pd.concat([summary, summary.assign(method="MICE_with_z")]).to_csv(tmp_path / "summary.csv", index=False)
    theirs = script["reference"](tmp_path / "summary.csv")
    assert (set(theirs["prior"]), theirs["mean_entropy"].tolist()) == ({"kernel_density"}, [0.1, 0.2])
    own = study().assign(prior=study()["prior"].map({"marginal": "kernel_density", "conditional": "chained"}))
    script["draw"](own, theirs, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert set(script["DRAWN"]) <= {*script["PRIORS"], *script["SAMPLED"]}
    assert set(script["THEIRS"].values()) <= set(script["PRIORS"])
