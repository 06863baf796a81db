"""All families: few and many classes, and what each refuses."""

from __future__ import annotations

import re

import numpy as np
import pytest
from annotator_examples import confusions
from contracts import LAW, LINEAR, MATRIX, mixed_table, next_class
from quick import only

from synlabel_prob import annotators as a
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob.errors import InputError
from synlabel_prob.laws import Normal
from synlabel_prob.noise.base import mean_of
from synlabel_prob.testing.parts import reported

# --- all of them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", only([2], [2, 100]))
@pytest.mark.parametrize(
    "family",
    [
        a.HammerSpammer(3, 0.5),
        a.MACE(3),
        a.GLAD(3, difficulty_spread=0.0),
        a.DawidSkene(1, 0.9),
        a.NoiseNodes((n.RandomMatrix(0.2), next_class(0.3))),
    ],
    ids=lambda family: family.kind,
)
def test_few_and_many_classes(family, size):
    found = confusions(family, size)
    assert found.shape == (family.size, size, size) and found.min() >= 0
    np.testing.assert_allclose(found.sum(-1), 1.0, atol=1e-12)


# --- what is refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: a.OneCoin(0, 0.1), "count must be at least 1; got 0"),
        (lambda: a.OneCoin(3, 1.5), "rate must be a number from 0 to 1"),
        (lambda: a.DawidSkene(), "give one of the two"),
        (lambda: a.DawidSkene(3, matrices=(MATRIX,)), "give one of the two"),
        (lambda: a.DawidSkene(3, rate=0.0), "rate must be above 0 and below 1.*use one_coin"),
        (lambda: a.DawidSkene(3, concentration=0.0), "concentration must be above 0"),
        (lambda: a.DawidSkene(matrices=()), "a matrix for each annotator; got none"),
        (lambda: a.DawidSkene(matrices=(MATRIX, MATRIX[:2])), "matrix 2 is not 3 x 3"),
        (lambda: a.DawidSkene(matrices=(((0.5, 0.6), (0.5, 0.5)),)), "sum to 1; those of matrix 1 sum to 1.1, 1"),
        (lambda: a.DawidSkene(matrices=(((1.5, -0.5), (0.5, 0.5)),)), "probabilities; matrix 1 has -0.5"),
        (lambda: a.DawidSkene(matrices=(((0.9, 0.4), (0.1, 0.6)),)), "its columns do, so give its transpose"),
        (lambda: a.DawidSkene(matrices=(MATRIX,), rate=0.1), "leave them out"),
        (lambda: a.HammerSpammer(3, 0.5, {"no": 0.6}), "says must sum to 1; it sums to 0.6"),
        (lambda: a.MACE(3, concentration=-1.0), "concentration must be above 0"),
        (lambda: a.GLAD(3, link="logit"), "link must be one of 'softmax' or 'glad'"),
        (lambda: a.GLAD(3, difficulty_spread=-1.0), "difficulty_spread must be at least 0"),
        (lambda: a.OrdinalThresholds(3, scale=0.0), "scale must be above 0"),
        (lambda: a.OrdinalThresholds(3, scale=Normal(0, 1)), "scale must be a number of at least 0, or a law on"),
        (lambda: a.OrdinalThresholds(3, bias="high"), "bias must be a number or a law"),
        (lambda: a.NoiseNodes(()), "a noise node for each annotator; got none"),
        (lambda: a.NoiseNodes((n.Symmetric(0.1), n.Symmetric(0.2))), "two annotators called 'symmetric'"),
        (lambda: a.NoiseNodes((n.Symmetric(0.1, selection="exact_count"),)), "because votes are drawn each on its own"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(build, said):
    with pytest.raises(InputError) as caught:
        build()
    assert re.search(said, str(caught.value).replace("`", "")) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("family", "said"),
    [
        (a.DawidSkene(matrices=(((1.0, 0.0), (0.5, 0.5)),)), "must be 3 x 3 each.*got 2 x 2"),
        (a.HammerSpammer(3, 0.5, {"perhaps": 1.0}), "names the class 'perhaps'"),
        (a.NoiseNodes((n.ClassConditional({"perhaps": 0.1}),)), "`annotation.annotators.nodes.class_conditional"),
    ],
)
def test_what_does_not_fit_the_classes_is_named(family, said):
    (sentence,) = reported(family.report_problems, mixed_table(20), g.Linear(LINEAR))
    assert re.search(said, sentence)


def test_a_law_stands_for_a_number():
    assert mean_of(a.MACE(3).trust) == 0.5
    assert a.OneCoin(3, {"dist": "Beta", "concentration1": 2, "concentration0": 8}).rate == LAW
