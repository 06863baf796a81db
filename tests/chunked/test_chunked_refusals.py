"""Parts that take all rows at once are refused before any work, each in a sentence that says what to do."""

from __future__ import annotations

import dataclasses

import pytest
from chunked_cases import NETWORK, SPECS
from contracts import margin

from synlabel_prob import annotators as a
from synlabel_prob import feature_noise as f
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob import priors as p
from synlabel_prob import run
from synlabel_prob.chunked import report_problems
from synlabel_prob.errors import InputError

SPIKE = p.FiniteMixture((p.Share(0.5, p.Truth()), p.Share(0.5, p.Gaussian())))
CASES = {
    "count": ({"noise": (n.Symmetric(0.1, selection="exact_count"),)}, '`noise.symmetric` .* "independent"`, or leave'),
    "votes": ({"annotation": a.Annotation(a.OneCoin(3, 0.1))}, "`annotation` .* remove it, or leave `chunk_rows` out"),
    "feature noise": ({"feature_noise": (f.Gaussian(0.1),)}, "`feature_noise` goes by .* remove it, or leave"),
    "missing": (
        {"observation": o.Missing(0.1, more_often=n.ByMargin("soft_label"))},
        "`observation` .* without `more_often`, or leave",
    ),
    "berkson": ({"prior": p.Berkson(1.0)}, "the prior 'berkson' goes by each row's own hidden features"),
    "truth": ({"prior": SPIKE}, "the prior 'truth' goes by each row's own hidden features"),
    "block": (
        {"prior": p.Product((p.Block(("a",), p.Gaussian()), p.Block(("b",), p.Berkson(1.0))))},
        "the prior 'berkson' goes",
    ),
}
FINE = {
    "flips": {"noise": (margin(0.1), n.Temperature(2.0))},
    "flips by soft labels": {"noise": (margin(0.1, source="soft_label"),)},
    "missing": {"observation": o.Missing(0.1)},
    "candidates": {"observation": o.LikelyCandidates(0.1)},
    "product": {"prior": p.Product((p.Block(("a", "b"), p.Gaussian()),))},
}


@pytest.mark.parametrize("name", CASES)
def test_what_takes_all_rows_is_refused(name):
    changed, sentence = CASES[name]
    problems = report_problems(dataclasses.replace(NETWORK, **changed))
    assert len(problems.sentences) == 1
    with pytest.raises(InputError, match=sentence):
        problems.raise_if_any()


@pytest.mark.parametrize("name", FINE)
def test_what_looks_at_one_row_at_a_time_is_not(name):
    assert not report_problems(dataclasses.replace(NETWORK, **FINE[name])).sentences


def test_all_are_named_before_the_table_is_looked_for(tmp_path):
    changed = {**CASES["count"][0], **CASES["votes"][0]}
    spec = dataclasses.replace(SPECS["network"], process=dataclasses.replace(NETWORK, **changed))
    with pytest.raises(InputError, match=r"(?s)`noise.symmetric` .*\n.*`annotation`"):
        run.generate(spec, tmp_path / "out", base_directory=tmp_path / "nowhere", chunk_rows=500)
    assert list(tmp_path.iterdir()) == []
