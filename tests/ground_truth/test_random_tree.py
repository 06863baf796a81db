"""Random trees: complete, each leaf with rows, shares of the classes within the stated bound."""

from __future__ import annotations

import re

import jax
import numpy as np
import pandas as pd
import pytest
from contracts import mixed_table, numbers_table

import synlabel_prob as sp
from synlabel_prob import priors, soft_labels
from synlabel_prob.errors import InputError, Problems
from synlabel_prob.ground_truth import RandomTree
from synlabel_prob.ground_truth.random_tree import leaf_codes

ABC = ("a", "b", "c")


def leaves_reached(function, features):
    """The leaf of each row, step by step."""
    found = []
    for row in features:
        node = 0
        while function.feature[node] >= 0:
            goes_left = row[function.feature[node]] <= function.threshold[node]
            node = function.left[node] if goes_left else function.right[node]
        found.append(node)
    return np.array(found)


@pytest.mark.parametrize("depth", [2, 4, 6])
def test_a_tree_is_complete_and_every_leaf_has_rows(depth):
    table = mixed_table()
    function = RandomTree(ABC, depth, ("age", "height"), random_state=1).fit(table)
    assert function.depth == depth and len(function.feature) == 2 ** (depth + 1) - 1
    assert set(function.feature[function.feature >= 0]) <= {0, 2}
    leaves = leaves_reached(function, table.features)
    assert len(np.unique(leaves)) == 2**depth
    np.testing.assert_array_equal(function.labels(table.features), function.leaf_values[leaves].argmax(1))


def test_splits_are_at_quantiles_between_the_quarters():
    # 40 roots: shares are uniform on [1/4, 3/4], of standard deviation 0.144, so that their mean is known to 0.023.
    # The gate of 5 standard errors has a false alarm of 6e-7; the whole of [0, 1] is told by the first line.
    table = numbers_table()
    trees = [RandomTree(("a", "b"), 1, random_state=state).fit(table) for state in range(40)]
    shares = [(table.features[:, tree.feature[0]] <= tree.threshold[0]).mean() for tree in trees]
    assert 0.25 - 1 / 160 <= min(shares) < 0.35 and 0.65 < max(shares) <= 0.75 + 1 / 160
    assert abs(np.mean(shares) - 0.5) < 5 * 0.144 / np.sqrt(40)
    assert {int(tree.feature[0]) for tree in trees} == {0, 1, 2}


def plain_greedy(sizes, asked):
    """The rule without leaves that are kept for classes without one."""
    lacking, codes = asked.copy(), np.zeros(len(sizes), dtype=int)
    for leaf in np.argsort(-sizes, kind="stable"):
        codes[leaf] = lacking.argmax()
        lacking[codes[leaf]] -= sizes[leaf]
    return codes


def test_shares_are_within_the_bound_and_every_class_occurs():
    generator, reserved = np.random.default_rng(0), 0
    for _ in range(2000):
        leaves = 2 ** int(generator.integers(1, 6))
        classes = int(generator.integers(2, min(leaves, 6) + 1))
        sizes = generator.integers(1, 40, leaves)
        asked = sizes.sum() * generator.dirichlet(np.full(classes, generator.choice([0.3, 3.0])))
        codes = leaf_codes(sizes, asked, generator)
        held = np.bincount(codes, sizes, minlength=classes)
        assert set(codes) == set(range(classes))
        bound = (1 - 1 / classes) * sizes.max()
        if len(set(plain_greedy(sizes, asked))) < classes:
            reserved += 1
            bound += np.sort(sizes)[: classes - 1].sum()
        assert np.abs(held - asked).max() <= bound + 1e-9
    assert 200 < reserved < 1800


def test_leaves_of_one_size_are_dealt_as_asked():
    codes = leaf_codes(np.full(8, 5), np.array([10.0, 10.0, 20.0]), np.random.default_rng(0))
    assert np.bincount(codes).tolist() == [2, 2, 4]
    other = leaf_codes(np.full(8, 5), np.array([10.0, 10.0, 20.0]), np.random.default_rng(1))
    assert codes.tolist() != other.tolist()


def test_shares_of_a_fitted_tree():
    table = mixed_table()
    balance = {"a": 0.6, "b": 0.3, "c": 0.1}
    function = RandomTree(ABC, 5, balance=balance).fit(table)
    held = np.bincount(function.labels(table.features))
    largest = np.bincount(leaves_reached(function, table.features)).max()
    assert np.abs(held - 80 * np.array([0.6, 0.3, 0.1])).max() <= largest * 2 / 3


def test_the_state_fixes_the_tree():
    table = mixed_table()
    first, again, other = (RandomTree(ABC, random_state=state).fit(table) for state in (0, 0, 1))
    np.testing.assert_array_equal(first.threshold, again.threshold)
    assert not np.array_equal(first.threshold, other.threshold)


def test_soft_labels_are_exact_by_boxes():
    process = sp.Process(RandomTree(ABC), ("income", "height"), priors.KernelDensity())
    made = sp.generate(sp.fit(process, numbers_table()), jax.random.key(0), soft_labels.Exact())
    assert made.soft.method.startswith("exact, by boxes")


def test_depths_that_do_not_fit():
    with pytest.raises(InputError, match=re.escape("`depth` must be at least 2 for 3 classes; got 1, which makes 2")):
        RandomTree(ABC, 1)
    problems = Problems()
    RandomTree(ABC, 7).report_problems(mixed_table(), problems)
    assert problems.sentences == [
        "`ground_truth.depth` is 7, which makes 128 leaves, more than there are rows without missing values (80): "
        "lower it."
    ]
    problems = Problems()
    RandomTree(ABC, 2).report_problems(sp.Table.from_frame(pd.DataFrame({"x": [0.0, 1.0] * 5})), problems)
    assert problems.sentences == [
        "`ground_truth.depth` is 2, which is too much for this table: 5 rows of a node differ too little to be split "
        "further: lower it, or name features that vary more."
    ]


def test_in_words():
    assert RandomTree(("a", "b"), 3, ("age",)).explain() == (
        "a random tree with 8 leaves on age, labelled so that the classes are near a, b in equal shares"
    )
