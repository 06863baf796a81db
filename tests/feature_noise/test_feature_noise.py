"""What all noise on features keeps: rows, kinds, levels, missing cells, and random numbers that belong to a cell."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from contracts import incomplete_table, mixed_table

from synlabel_prob import feature_noise as f
from synlabel_prob.errors import InputError, Problems
from synlabel_prob.table import Table
from synlabel_prob.testing import check_description

KINDS: dict[str, f.FeatureNoise] = {
    "replaced": f.Replaced(0.3),
    "swapped": f.Swapped(0.3),
    "level_flips": f.LevelFlips(0.3),
    "level_flips_near": f.LevelFlips(0.5, "neighbour"),
    "missing_values": f.MissingValues(0.2),
    "gaussian": f.Gaussian(0.5),
    "rounded": f.Rounded(5),
}


def test_every_kind_is_here():
    assert {type(one) for one in KINDS.values()} == set(f.DESCRIPTIONS)


@pytest.mark.parametrize("name", KINDS)
def test_rows_kinds_and_missing_cells_stay(name, key):
    check_description(KINDS[name])
    table = incomplete_table(60)
    after = f.noisy_table(table, (KINDS[name],), key)
    assert [(it.name, it.kind, it.levels) for it in after.columns] == [
        (it.name, it.kind, it.levels) for it in table.columns
    ]
    np.testing.assert_array_equal(after.row_ids, table.row_ids)
    np.testing.assert_array_equal(after.target, table.target)
    lost = np.isnan(table.features)
    if name != "missing_values":
        np.testing.assert_array_equal(np.isnan(after.features), lost)
    changed = (after.features != table.features) & ~lost
    acted = [column.name in KINDS[name].acts_on(table) for column in table.columns]
    assert changed[:, acted].any() and not changed[:, ~np.array(acted)].any()
    frame = after.to_frame()
    assert list(frame.columns) == list(table.feature_names) and len(frame) == 60


@pytest.mark.parametrize("name", KINDS)
def test_a_cell_depends_on_its_row_its_feature_and_the_key(name, key):
    table, order = mixed_table(60), np.random.default_rng(0).permutation(60)
    plain = f.noisy_table(table, (KINDS[name],), key).features
    np.testing.assert_array_equal(f.noisy_table(table.take(order), (KINDS[name],), key).features, plain[order])
    some = table.select(list(reversed(table.feature_names)))
    np.testing.assert_array_equal(f.noisy_table(some, (KINDS[name],), key).features[:, ::-1], plain)
    again = f.noisy_table(table, (KINDS[name],), jax.random.key(1)).features
    assert (name == "rounded") == np.array_equal(again, plain, equal_nan=True)


def test_one_after_another_on_the_features_that_are_named(key):
    table = mixed_table(60)
    noise = (f.Gaussian(0.5, features=("age",)), f.Gaussian(0.5, features=("age", "height"), name="again"))
    first = f.noisy_table(table, noise[:1], key)
    both = f.noisy_table(table, noise, key)
    np.testing.assert_array_equal(both.features, f.noisy_table(first, noise[1:], key).features)
    changed = (both.features != table.features).all(0)
    assert [name for name, it in zip(table.feature_names, changed, strict=True) if it] == ["age", "height"]


@pytest.mark.parametrize(
    ("noise", "said"),
    [
        (
            (f.Gaussian(0.1, features=("region",)),),
            "`feature_noise.gaussian` takes continuous features, but 'region' is",
        ),
        (
            (f.LevelFlips(0.1, "neighbour", features=("region",)),),
            "takes ordinal features, but 'region'",
        ),
        ((f.Replaced(0.1, features=("agee",)),), "`feature_noise.replaced.features`: 'agee' is not a feature of"),
        ((f.Replaced(0.1), f.Replaced(0.1)), "two parts called 'replaced'"),
    ],
)
def test_what_does_not_fit_is_refused(noise, said, key):
    with pytest.raises(InputError, match=said):
        f.noisy_table(mixed_table(), noise, key)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: f.Gaussian(0.1, features=("age", "age")), "`features` names 'age' twice: name each feature once"),
        (lambda: f.Gaussian(0.1, features=()), "`features` must be a list of at least 1"),
        (lambda: f.Gaussian(0.1, features="age"), "`features` must be a list; got 'age': put it into brackets"),
        (lambda: f.Gaussian(0.1, name="a.b"), "`name` must be letters, digits and _"),
    ],
)
def test_what_is_wrong_whatever_the_table(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_names_whose_numbers_would_be_the_same_are_refused():
    # 'plumless' and 'buckeroo' have one CRC-32, and so have all names that differ in what comes before or after these.
    problems = Problems()
    f.report_names((f.Replaced(0.1, name="plumless"), f.Swapped(0.1, name="buckeroo")), problems)
    assert problems.sentences == [
        "feature_noise 'buckeroo' and 'plumless' would share random numbers: rename one of them."
    ]


def test_hidden_features_are_told_from_unknown_ones():
    problems = Problems()
    noise = f.Swapped(0.1, features=("region", "income", "agee"))
    noise.report_problems(mixed_table().select(("age", "region")), problems, hidden=("income", "height"))
    hidden, unknown = problems.sentences
    assert "names 'income', which is hidden" in hidden and "'agee' is not a feature of the table" in unknown


def test_features_that_are_acted_on_come_in_the_order_of_the_table():
    table = mixed_table()
    noise = (f.LevelFlips(0.1, features=("region",)), f.Gaussian(0.1, features=("height", "age")))
    assert f.acted_on(table, noise) == ("age", "height", "region")
    assert f.acted_on(table, ()) == ()
    assert f.acted_on(table, (f.LevelFlips(0.1),)) == ("size", "region")


def test_a_table_without_such_features_is_refused(key):
    numbers = mixed_table().select(("age", "height"))
    with pytest.raises(InputError, match="takes ordinal or categorical features, of which the table has none"):
        f.noisy_table(numbers, (f.LevelFlips(0.1),), key)


def test_whole_numbers_need_not_stay_whole(key):
    import pandas as pd

    table = Table.from_frame(pd.DataFrame({"n": np.arange(20)}))
    values = f.noisy_table(table, (f.Gaussian(0.1),), key).to_frame()["n"].to_numpy()
    assert (values != np.round(values)).any()
    lost = f.noisy_table(table, (f.MissingValues(0.5),), key).to_frame()["n"]
    assert 0 < lost.isna().sum() < 20
