"""The report of chunks put together is the report of all rows."""

from __future__ import annotations

import dataclasses
import json

import jax
import numpy as np
import pytest
from contracts import margin
from quick import only
from runs import iris, over_iris

from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import observations as o
from synlabel_prob import priors as p
from synlabel_prob.process import Process, fit, generate_by_row
from synlabel_prob.report import ChunkReport, chunk_report, report, to_text, total
from synlabel_prob.soft_labels import Automatic, QuasiMonteCarlo

KEY = jax.random.key(5)
PETALS = ("petal length (cm)", "petal width (cm)")
CASES = {
    "channels": (over_iris(n.Symmetric(0.2), n.ClassConditional({"setosa": 0.3})), QuasiMonteCarlo(draws=64)),
    "by row": (over_iris(margin(0.2), n.Temperature(2.0)), QuasiMonteCarlo(draws=64)),
    "target": (over_iris(), QuasiMonteCarlo(target_standard_error=0.001, largest_draws=256)),
    "sets": (over_iris(observation=o.Missing(0.4)), QuasiMonteCarlo(draws=64)),
    "settled": (
        Process(g.Learned("RandomForestClassifier", {"n_estimators": 5}), PETALS[:1], p.KernelDensity()),
        Automatic(draws=64, largest_exact=1),
    ),
}


@pytest.mark.parametrize("name", only(["settled", "target", "sets", "channels"], CASES))
def test_chunks_add_up_to_the_whole(name):
    process, evaluator = CASES[name]
    fitted = fit(process, iris(), KEY)
    chunks = []
    # Rows of iris lie in the order of their class, so that classes are missing in some chunks.
    for places in np.split(np.arange(150), [7, 60, 120]):
        own = fitted.on(fitted.table.take(places))
        made = generate_by_row(own, KEY, evaluator)
        chunks.append(chunk_report(report(own, made, title="t"), made))
    assert [ChunkReport.from_plain(json.loads(json.dumps(chunk.to_plain()))) for chunk in chunks] == chunks
    options = {"conditions_on_label": False, "reference_rows": 150, "cautions": ("A caution.",)}
    found = total(chunks, **options)
    whole = report(fitted, generate_by_row(fitted, KEY, evaluator), title="t", cautions=("A caution.",))
    assert found.reference_rows == 150 and whole.reference_rows is None
    assert dataclasses.replace(whole, reference_rows=150) == approximately(found)
    assert name != "settled" or "rows settled without one" in found.soft_labels
    assert name != "target" or found.rows_above_target > 0


def approximately(made):
    """The report with its numbers up to rounding; None and text as they are."""
    values = {field.name: _near(getattr(made, field.name)) for field in dataclasses.fields(made)}
    return _Near(values)


def _near(value):
    if isinstance(value, float):
        return pytest.approx(value, rel=1e-12, abs=1e-15)
    if isinstance(value, tuple):
        return tuple(_near(it) for it in value)
    return value


class _Near:
    def __init__(self, values):
        self.values = values

    def __eq__(self, other):
        return all(getattr(other, name) == value for name, value in self.values.items())

    def __repr__(self):
        return repr(self.values)


def test_a_reader_is_told_what_the_process_was_fitted_to():
    fitted = fit(over_iris(), iris(), KEY)
    made = generate_by_row(fitted, KEY, QuasiMonteCarlo(draws=64))
    own = [chunk_report(report(fitted, made), made)]
    text = to_text(total(own, conditions_on_label=False, reference_rows=40))
    assert "fitted to      40 rows, those with the smallest hashes of their ids;" in text
    assert "smallest hashes" not in to_text(total(own, conditions_on_label=False, reference_rows=150))
    assert "fitted to" not in to_text(report(fitted, made))
