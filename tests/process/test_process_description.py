"""What can be wrong with a process, with and without a table."""

from __future__ import annotations

import json

import numpy as np
import pytest
from contracts import LINEAR, margin, mixed_table
from pydantic import TypeAdapter

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob.descriptions import to_plain
from synlabel_prob.errors import InputError
from synlabel_prob.process import Process, fit, report_problems

TRUTH = g.Linear(LINEAR)
SEES_HIDDEN, SEES_SOFT = margin(0.1), margin(0.1, source="soft_label", name="unclear")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"hidden": ()}, "`hidden` must name at least one feature"),
        ({"hidden": ("age", "age")}, "`hidden` names 'age' twice"),
        ({"noise": (n.Symmetric(0.1), n.Symmetric(0.2))}, "two nodes called 'symmetric'"),
        ({"noise": (n.Symmetric(0.1, name="label"),)}, "called 'label', which the model uses itself"),
        ({"noise": (SEES_SOFT, SEES_HIDDEN)}, "'unclear' depends on a soft label.*before 'margin'.*swap"),
        ({"hard_from": "nowhere"}, "`hard_from` must be one of"),
        ({"noise": (3,)}, r"noise\[0\]"),
    ],
)
def test_what_is_wrong_whatever_the_table(arguments, said):
    with pytest.raises(InputError, match=said):
        Process(**{"ground_truth": TRUTH, "hidden": ("age",), "prior": p.Uniform(), **arguments})


def test_all_problems_are_said_at_once():
    with pytest.raises(InputError) as found:
        Process(TRUTH, ("age", "age"), p.Uniform(), (n.Symmetric(0.1), n.Symmetric(0.1)))
    assert len(str(found.value).splitlines()) == 2


def test_noise_by_the_soft_label_may_follow():
    nodes = (n.Symmetric(0.1), SEES_HIDDEN, SEES_SOFT)
    assert fit(Process(TRUTH, ("age",), p.GaussianRegression(), nodes), mixed_table()).integrated == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"hidden": ("agge",)}, "'agge' is not a feature.*age"),
        ({"hidden": ("region",)}, "'region' \\(categorical\\).*categorical"),
        ({"ground_truth": g.Ball(("agee",), radius=1.0)}, "agee"),
        ({"noise": (n.ClassConditional({"perhaps": 0.1}),)}, "'perhaps'"),
        ({"noise": (n.Matrix(((1.0, 0.0), (0.0, 1.0))),)}, "must be 3 x 3"),
        (
            {"hidden": ("age", "income", "height", "size", "region"), "prior": p.GaussianRegression()},
            "keep at least one",
        ),
    ],
)
def test_what_does_not_fit_the_table(arguments, said):
    process = Process(**{"ground_truth": TRUTH, "hidden": ("age",), "prior": p.Uniform(), **arguments})
    sentences = " ".join(report_problems(process, mixed_table()).sentences)
    with pytest.raises(InputError, match=said):
        raise InputError(sentences)
    with pytest.raises(InputError, match=said):
        fit(process, mixed_table())


def test_missing_values_and_constants_are_reported():
    frame = mixed_table().to_frame()
    frame.loc[3, "height"] = np.nan
    frame["income"] = 1.0
    from synlabel_prob.table import Table

    process = Process(g.Rules({"old": "age > 40"}, otherwise="young"), ("income", "age"), p.Uniform())
    sentences = report_problems(process, Table.from_frame(frame)).sentences
    assert any("missing values (height)" in sentence for sentence in sentences)
    assert any("'income', which is constant" in sentence for sentence in sentences)


def test_a_process_is_plain_data():
    process = Process(
        TRUTH, ("age",), p.GaussianRegression("observed_and_label"), (SEES_HIDDEN, SEES_SOFT), "ground_truth"
    )
    plain = json.loads(json.dumps(to_plain(process)))
    assert TypeAdapter(Process).validate_python(plain) == process


def test_fitting_is_repeatable_and_needs_no_key():
    process = Process(g.Learned("RandomForestClassifier"), ("age",), p.GaussianRegression())
    first, second = (fit(process, mixed_table()) for _ in range(2))
    np.testing.assert_array_equal(first.labels, second.labels)
    assert first.hidden == (0,) and first.observed == (1, 2, 3, 4)
    assert first.classes == ("no", "maybe", "yes")
    np.testing.assert_array_equal(first.rows.observed, mixed_table().features[:, 1:])
