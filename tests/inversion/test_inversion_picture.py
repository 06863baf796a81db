"""Pictures and text of posteriors that were not sampled: how many panels, what is written, what is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from inversion_cases import dominant

from synlabel_prob.errors import InputError
from synlabel_prob.inference import Diagnostics
from synlabel_prob.inversion import Identifiability, Inferred, Observed, draw_transition, plot_transition, to_text
from synlabel_prob.inversion.record import Interval, Posterior
from synlabel_prob.inversion.rows import RowPass
from synlabel_prob.inversion.summaries import accuracy_table, row_table, transition_table

ROWS = 12


def made(classes: int, annotators: int = 0) -> Inferred:
    random = np.random.default_rng(0)
    names = [f"class {code}" for code in range(classes)]
    people = [f"p{number}" for number in range(annotators)] or None
    who, row = np.meshgrid(np.arange(max(annotators, 1)), np.arange(ROWS))
    codes = random.integers(0, classes, who.size)
    labels = {"votes": (row.ravel(), who.ravel(), codes), "annotators": people} if people else {"hard_labels": codes}
    observed = Observed(names, **labels)
    told = np.arange(max(annotators, 1)) > 0 if people else np.ones(1, bool)
    shape = (50, int(told.sum())) if people else (50,)
    draws = np.array([dominant(random, classes) for _ in range(int(np.prod(shape)))]).reshape(*shape, classes, classes)
    law = random.dirichlet(np.ones(classes), ROWS)
    posterior = Posterior(
        tree=None,  # pyright: ignore[reportArgumentType]
        transition=transition_table(draws, names, people and people[1:]),
        rows=row_table(observed, RowPass(law, np.zeros(ROWS), np.zeros(1), np.zeros(1), None)),
        noise_rate=Interval(0.2, 0.1, 0.3),
        wrong_share=Interval(0.2, 0.1, 0.3),
        diagnostics=Diagnostics(1.0, 900.0, 0, 1000, 2),
        sentences=("Between 10% and 30% are wrong.",),
        warnings=("The chains disagree.",),
        accuracy=accuracy_table(observed, random.uniform(size=(50, annotators)), told) if people else None,
    )
    return Inferred(observed, Identifiability("weak", ("A class is rare.",), told), posterior)


def panels(figure) -> list:
    return [axes for axes in figure.axes if axes.images]


def test_a_small_matrix_has_its_numbers_in_the_cells():
    found = made(3)
    (axes,) = panels(draw_transition(found))
    assert len(axes.texts) == 9
    first = found.posterior.transition.iloc[0]
    assert axes.texts[0].get_text().startswith(f"{first['mean']:.2f}")
    np.testing.assert_allclose(axes.images[0].get_array(), found.posterior.transition["mean"].to_numpy().reshape(3, 3))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("observed class", "true class")


def test_a_large_matrix_has_a_scale_instead():
    figure = draw_transition(made(9))
    assert not figure.axes[0].texts and len(figure.axes) == 2


def test_annotators_get_a_panel_each_up_to_nine():
    figure = draw_transition(made(2, annotators=12))  # the first cannot be told
    titles = [axes.get_title() for axes in panels(figure)]
    assert len(titles) == 9 and not any(title.startswith("p0 ") for title in titles)
    assert "2 of 11 annotators are left out" in figure.get_suptitle()


def test_a_picture_that_cannot_be_written_is_a_sentence(tmp_path):
    plot_transition(made(2), tmp_path / "matrix.svg")
    assert b"<svg" in (tmp_path / "matrix.svg").read_bytes()
    for path in (tmp_path / "gone" / "matrix.png", tmp_path / "matrix.nonsense"):
        with pytest.raises(InputError, match="cannot be written"):
            plot_transition(made(2), path)


def test_the_text_begins_with_what_can_be_told():
    lines = to_text(made(3)).splitlines()
    assert lines[:2] == ["The noise is weakly identified.", "- A class is rare."]
    assert lines[-2:] == ["Between 10% and 30% are wrong.", "warning: The chains disagree."]
    assert sum("wrong with probability" in line for line in lines) == 10
    assert "9 classes, see transition.png" in to_text(made(9))


def test_the_text_of_annotators_says_who_cannot_be_told():
    text = to_text(made(2, annotators=25))
    assert "p0              12 votes  cannot be told" in text and "and 5 more, see summary.json" in text
    assert isinstance(made(2, annotators=3).posterior.accuracy, pd.DataFrame)
