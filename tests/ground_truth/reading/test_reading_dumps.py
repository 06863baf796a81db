"""Saved models, read without their libraries: what nodes do, worked out by hand, and files that are something else."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from synlabel_prob.errors import InputError
from synlabel_prob.ground_truth import Argmax
from synlabel_prob.ground_truth.reading.boosted import ModelColumn, columns_in, read_dump
from synlabel_prob.ground_truth.reading.columns import Source
from synlabel_prob.ground_truth.reading.lightgbm_text import read_lightgbm
from synlabel_prob.ground_truth.reading.seen import Seen
from synlabel_prob.ground_truth.reading.text import dump_of
from synlabel_prob.ground_truth.rounded import last_below_half

DUMPS = Path(__file__).resolve().parents[2] / "dumps"
ZERO = float(np.float32(1e-35))


def _read(name: str, changes: tuple[tuple[str, str], ...] = ()):
    text = (DUMPS / name).read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return dump_of(text.encode(), "The file 'model'")


def _function(dump):
    """With the model's columns as the features."""
    columns = [ModelColumn(Source(place)) for place in range(dump.num_columns)]
    seen = Seen(tuple(range(dump.num_classes)), Argmax(), tuple(range(dump.num_classes)), dump.num_columns)
    return read_dump(dump, columns, seen)


def test_two_classes_of_xgboost():
    function, nan = _function(_read("two_classes.json")), np.nan
    below = np.nextafter(np.float32(40), np.float32(0), dtype=np.float32)
    rows = {  # height, age: what both trees add
        (1.8, 39.0): -1.0 + 0.5,
        (1.8, 40.0): 1.0 + 0.5,
        (1.8, float(below)): -1.0 + 0.5,
        (1.8, np.nextafter(40.0, 0.0)): 1.0 + 0.5,  # 40 in single precision
        (1.75, 50.0): 1.0 + 0.5,
        (1.7, 60.0): -0.75 - 1.25,
        (1.7, 50.0): -0.75 + 0.5,
        (nan, nan): -1.0 - 1.25,
        (nan, 41.0): 1.0 + 0.5,
    }
    features = np.array(list(rows))
    np.testing.assert_array_equal(function.scores(features)[:, 0], list(rows.values()))
    np.testing.assert_array_equal(function.labels(features), np.array(list(rows.values())) > 0)


def test_three_classes_of_xgboost_start_at_their_base_scores():
    function, single = _function(_read("three_classes.json")), np.float32
    first, last = single(0.1), single(-0.1)
    expected = [[first + single(0.5), 0.25, last + single(1.5)], [first - single(0.5), 0.5, last + single(0.25)]]
    scores = function.scores(np.array([[39.0, 3.0, 1.8], [50.0, 39_000.0, np.nextafter(1.75, 0)]]))
    np.testing.assert_array_equal(scores[0], np.array(expected[0], dtype=np.float64))
    np.testing.assert_array_equal(scores[1, :2], np.array(expected[1][:2], dtype=np.float64))


@pytest.mark.parametrize(
    ("kind", "threshold", "left", "missing_left"),
    [
        # 0 (nothing is missing) and 8 (NaN is): numbers that count as zero are compared as zero
        (0, "1.5", {-1.0: 1, 0.0: 1, 1.5: 1, np.nextafter(1.5, 2): 0}, 1),
        (0, "-1.5", {-1.5: 1, np.nextafter(-1.5, 0): 0, 0.0: 0}, 0),
        (0, "-1e-36", {-1.0: 1, -ZERO: 0, -1e-36: 0, 0.0: 0, np.nextafter(-ZERO, -1): 1}, 0),
        (0, "1e-36", {0.0: 1, ZERO: 1, np.nextafter(ZERO, 1): 0}, 1),
        (8, "1.5", {1.5: 1, 2.0: 0}, 0),
        (10, "1.5", {1.5: 1, 2.0: 0}, 1),
        # 4 and 6: zeros are missing, and go right or left
        (4, "1.5", {-1.0: 1, -ZERO: 0, 0.0: 0, ZERO: 0, np.nextafter(ZERO, 1): 1, 1.5: 1, 2.0: 0}, 0),
        (6, "1.5", {-1.0: 1, 0.0: 1, 1.5: 1, 2.0: 0}, 1),
        (4, "-1.5", {-1.5: 1, -1.0: 0, 0.0: 0}, 0),
        (6, "-1.5", {-1.5: 1, -1.0: 0, np.nextafter(-ZERO, -1): 0, -ZERO: 1, 0.0: 1, ZERO: 1, 1.0: 0}, 1),
        (4, "0", {-1.0: 1, -ZERO: 0, 0.0: 0, 1.0: 0}, 0),
        (6, "0", {-1.0: 1, 0.0: 1, ZERO: 1, np.nextafter(ZERO, 1): 0}, 1),
    ],
)
def test_a_node_of_lightgbm_sends_numbers_and_missing_values_where_its_kind_says(kind, threshold, left, missing_left):
    changes = (("threshold=39000", f"threshold={threshold}"), ("decision_type=8", f"decision_type={kind}"))
    function = _function(_read("three_classes.txt", changes))
    features = np.array([[50.0, value, 1.0] for value in (*left, np.nan)])
    expected = np.where([*left.values(), missing_left], -0.5, 0.375)
    np.testing.assert_array_equal(function.scores(features)[:, 1], expected)
    # the same by leaf masks, which know the nodes that one node becomes as intervals
    masks = function.at_draws((1,), (0, 2))
    with jax.enable_x64(True):
        labels = np.asarray(masks.labels(jnp.asarray(features[:-1, [0, 2]]), jnp.asarray(features[:-1, None, [1]])))
    np.testing.assert_array_equal(labels[:, 0], function.labels(features[:-1]))


def test_a_random_forest_of_lightgbm_is_a_mean_of_the_trees_of_a_class():
    text = (DUMPS / "three_classes.txt").read_text(encoding="utf-8")
    first, end = text.index("Tree=0"), text.index("end of trees")
    twice = text[:first] + 2 * text[first:end] + text[end:]
    twice = re.sub("tree_sizes=.*", "tree_sizes=1 1 1 1 1 1\naverage_output", twice)
    once, mean = (_function(read_lightgbm(it, "it")) for it in (text, twice))
    features = np.array([[39.0, 1.0, 1.0], [41.0, 1.0, 2.0]])
    np.testing.assert_array_equal(mean.scores(features), once.scores(features))


def test_a_cut_is_the_last_score_whose_probability_is_a_half():
    for scale in (0.3, 1.0, 1.7, 2.0):
        cut = last_below_half(scale)
        after = np.nextafter(cut, 1.0)
        assert 1 / (1 + math.exp(-scale * cut)) == 0.5 < 1 / (1 + math.exp(-scale * after))


def test_levels_that_the_model_has_in_another_order():
    from contracts import mixed_table

    table, dump = mixed_table(), _read("levels.txt")
    columns = columns_in(dump, table)
    assert [column.source.place for column in columns] == [4, 0, 3]
    assert [column.values for column in columns] == [(2.0, 1.0, 0.0), (), (0.0, 1.0, 2.0)]
    function = read_dump(dump, columns, Seen((0, 1), Argmax(), ("no", "yes"), 5))
    age, size, region = table.features[:, 0], table.features[:, 3], table.features[:, 4]
    # bits 0 and 2 are west and north, which go left, where zero and missing ages are 1
    expected = np.where(np.isin(region, [0, 2]), np.where(age <= 0, 1.0, -1.0), np.where(size == 0, 0.5, -0.5))
    np.testing.assert_array_equal(function.scores(table.features)[:, 0], expected)
    np.testing.assert_array_equal(function.labels(table.features), expected > 0)
    # A missing category goes right; a missing size is 0 where nothing was missing in training.
    assert function.scores(np.full((1, 5), np.nan))[0, 0] == 0.5


TWO, THREE, TEXT = "two_classes.json", "three_classes.json", "three_classes.txt"
OTHERS = [
    (TWO, (("binary:logistic", "binary:hinge"),), "a classifier, with the objective binary:logistic, mul"),
    (TWO, (('"gbtree"', '"gblinear"'),), "its booster is gblinear, which has none"),
    (TWO, (('"gbtree"', '"gbforest"'),), "its booster is 'gbforest', which is not known"),
    (TWO, (('"[5E-1]"', '"[0E0]"'),), "have a base score between 0 and 1; it"),
    (TWO, (("[\n  3,", "[\n  9,"),), "of XGBoost 1 to 3; it is of 9.1.0, whose format is not known"),
    (TWO, (('"size_leaf_vector": "1"', '"size_leaf_vector": "3"'),), "one number in each leaf"),
    (TWO, (('"num_trees": "2"', '"num_trees": "3"'),), "the number of trees is not the one that it says"),
    (TWO, (('"learner"', '"learned"'),), "it is other JSON: save the model itself by `booster.save_model"),
    (TWO, (('"split_indices"', '"indices"'),), "reading says KeyError: 'split_indices': save it again"),
    (TWO, (('"num_feature": "2"', '"num_feature": "1"'),), "asks for other columns than the 1 that"),
    (TWO, (("     1,\n", "     7,\n"),), "tree 0 has nodes that lead nowhere"),
    (TWO, (("     3,\n", "     0,\n"),), "tree 0 has nodes that are reached twice"),
    (TWO, (("-1.25", "Infinity"),), "tree 1 has leaves that are no finite numbers"),
    (THREE, (('"tree_info": [\n     0,', '"tree_info": [\n     1,'),), "classes have [0, 2, 1] trees"),
    (TEXT, (("version=v4", "version=v9"),), "of the format v2, v3, v4; it is of 'v9', which is not known"),
    (TEXT, (("=multiclass num", "=lambdarank num"),), "it has 'lambdarank': train it with one of these"),
    (TEXT, (("is_linear=0", "is_linear=1"),), "it has lines: train it with linear_tree = false"),
    (TEXT, (("end of trees", ""),), "that it ends before all trees are there"),
    (TEXT, (("Tree=2", "Tre=2"),), "the number of trees is not the one that it says"),
    (TEXT, (("decision_type=10 0", "decision_type=10"),), "a list of a tree has 1 numbers where 2"),
    (TEXT, (("leaf_value=0.5", "leaf_value=nan"),), "tree 0 has leaves that are no finite numbers"),
    (TEXT, (("=multiclass", "=binary"),), "3 trees an iteration do not go"),
]


@pytest.mark.parametrize(("name", "changes", "message"), OTHERS)
def test_what_is_not_read_is_a_sentence(name, changes, message):
    with pytest.raises(InputError, match=rf"^The file 'model' must (?s:.)*{re.escape(message)}(?s:.)*\.$"):
        _read(name, tuple(changes))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is empty: save the model again."),
        (b"\x80\x04\x95 pickled", "it is a pickle or packed, which is never opened: of XGBoost, save it as JSON by"),
        (
            b"{L\0\0\0\0\0\0\0\x07learner{",
            "it is UBJSON, the binary form of XGBoost: save it as JSON by `booster.save_m",
        ),
        (b"binf\0\0", "it is binary: of XGBoost, save it as JSON"),
        (b"age,income\n1,2\n", "it begins with 'age,income\\n1,2\\n'"),
        (b"tr\xff", "it is in another encoding"),
        (b"[1, 2]", "it begins with '[1, 2]'"),
        (b'{"learner": {', "reading says that it is no whole JSON"),
        (b"{" + b'"a":[' * 100_000, "reading says that it is no whole JSON"),
        (b'{"learner": 3}', "reading says TypeError"),
        (b'{"name":"tree","tree_info":[],"max_feature_idx":1}', "it is a dump: save it as text by"),
    ],
)
def test_other_files_are_refused(content, message):
    with pytest.raises(InputError, match=rf"^The file 'model' must (?s:.)*{re.escape(message)}"):
        dump_of(content, "The file 'model'")


@pytest.mark.parametrize("name", ["two_classes.json", "three_classes.txt", "levels.txt"])
def test_a_model_that_is_cut_off_anywhere_is_refused_or_whole(name):
    content = (DUMPS / name).read_bytes()
    whole = json.dumps(_function(_read(name)).saved()) if name != "levels.txt" else ""
    refused = 0
    for end in range(1, len(content), 37):
        try:
            dump = dump_of(content[:end], "The file 'model'")
        except InputError as error:
            assert str(error).startswith("The file 'model' must ")
            refused += 1
        else:
            assert not whole or json.dumps(_function(dump).saved()) == whole
    assert refused > len(content) / 37 * 0.6
