from __future__ import annotations

import dataclasses
import errno
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time

import jax
import numpy as np
import pandas as pd
import pytest
from runs import RUN_NAMES, incomplete_with_noise, over_iris, run

from synlabel_prob import annotators, store
from synlabel_prob import feature_noise as f
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob.datasets import to_frame
from synlabel_prob.errors import InputError
from synlabel_prob.report import report
from synlabel_prob.store import directory as directories
from synlabel_prob.store.frame import (
    read_back_noisy,
    read_back_table,
    read_parquet,
    read_votes,
    to_parquet,
    votes_to_parquet,
)
from synlabel_prob.table import Table

OLD, NEW = {"spec.toml": b"old", "summary.json": b"old"}, {"spec.toml": b"new", "summary.json": b"new"}


def content(folder):
    """What a directory's files hold."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def hidden_siblings(folder):
    """What is beside the results."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


@pytest.fixture(params=["exchange", "two moves"])
def way(request, monkeypatch):
    """Systems with and without an atomic exchange."""
    if request.param == "two moves":
        monkeypatch.setattr(directories, "_exchange", lambda first, second: False)
    return request.param


# --- the directory ----------------------------------------------------------------------------------


def test_parents_are_made_and_an_old_result_is_replaced(tmp_path, way):
    out = tmp_path / "results" / "wine"
    store.write_result(out, OLD)
    assert content(out) == OLD
    store.write_result(out, {**NEW, "process.nc": b"more"}, force=True)
    assert content(out) == {**NEW, "process.nc": b"more"}
    assert hidden_siblings(out.parent) == []


def test_content_may_be_made_from_the_files_before_it(tmp_path):
    store.write_result(
        tmp_path / "out", {"spec.toml": b"x", "summary.json": lambda it: (it / "spec.toml").read_bytes()}
    )
    assert content(tmp_path / "out") == {"spec.toml": b"x", "summary.json": b"x"}


def test_a_link_to_a_directory_stays_a_link(tmp_path):
    store.write_result(tmp_path / "real", OLD)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    store.write_result(tmp_path / "link", NEW, force=True)
    assert (tmp_path / "link").is_symlink() and content(tmp_path / "real") == NEW


def _existing(folder):
    store.write_result(folder / "out", OLD)
    return folder / "out"


def _file(folder):
    (folder / "out").write_text("mine")
    return folder / "out"


def _below_a_file(folder):
    (folder / "file").write_text("mine")
    return folder / "file" / "out"


def _with_other_files(folder):
    store.write_result(folder / "out", OLD)
    (folder / "out" / "thesis.docx").write_text("mine")
    return folder / "out"


REFUSED = {
    "existing": (_existing, False, r"exists already: name another, or replace it with --force\.$"),
    "file": (_file, True, r"must be a directory; .* is a file: name another\.$"),
    "below a file": (_below_a_file, False, r"is a file|cannot be used: not a directory"),
    "other files": (_with_other_files, True, r"holds 'thesis.docx', which is no part of a result"),
    "too long": (lambda folder: folder / ("x" * 300), False, r"cannot be used: file name too long"),
    "zero byte": (lambda folder: f"{folder}/a\0b", False, r"cannot be used: .*null"),
    "root": (lambda folder: "/", True, r"is no part of a result|cannot"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("write", [False, True])
def test_what_cannot_be_written_is_refused_in_a_sentence(tmp_path, name, write):
    build, force, message = REFUSED[name]
    out = build(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=message) as caught:
        store.write_result(out, NEW, force=force) if write else store.check_output(out, force=force)
    assert len(str(caught.value).splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_parent_that_is_not_writable_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the user of a test may write anywhere
    with pytest.raises(InputError, match="its parent is not writable"):
        store.check_output(tmp_path / "out")


@pytest.mark.parametrize("exists", [False, True])
def test_a_full_disk_leaves_nothing_behind(tmp_path, exists):
    out = tmp_path / "parent" / "out"
    if exists:
        store.write_result(out, OLD)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(InputError, match=r"cannot be written: the disk is full\. Nothing was left behind\.$"):
            store.write_result(out, {"spec.toml": b"new", "process.nc": b"x" * 5000}, force=exists)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert content(out) == OLD if exists else list(tmp_path.iterdir()) == []
    assert not exists or hidden_siblings(out.parent) == []


def test_an_error_while_writing_leaves_the_old_result(tmp_path, way):
    store.write_result(tmp_path / "out", OLD)

    def interrupted(folder):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write_result(tmp_path / "out", {**NEW, "process.nc": interrupted}, force=True)
    assert content(tmp_path / "out") == OLD and hidden_siblings(tmp_path) == []


def test_an_error_of_the_exchange_is_said(tmp_path, monkeypatch):
    store.write_result(tmp_path / "out", OLD)

    def refuse(first, second):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(directories, "_exchange", refuse)
    with pytest.raises(InputError, match="cannot be written: invalid cross-device link"):
        store.write_result(tmp_path / "out", NEW, force=True)
    assert content(tmp_path / "out") == OLD and hidden_siblings(tmp_path) == []


# What a killed run can leave (siblings by state, and the directory itself), and what has to be there afterwards.
LEFT = {
    "unfinished": ({"partial": NEW}, None, None),
    "unfinished beside a result": ({"partial": NEW}, OLD, OLD),
    "after the exchange": ({"partial": OLD}, NEW, NEW),
    "before the first move": ({"complete": NEW}, OLD, OLD),
    "between the moves": ({"complete": NEW, "old": OLD}, None, NEW),
    "after the second move": ({"old": OLD}, NEW, NEW),
    "the old one alone": ({"old": OLD}, None, OLD),
}


@pytest.mark.parametrize("name", LEFT)
def test_the_next_start_finishes_what_was_interrupted(tmp_path, name):
    left, there, wanted = LEFT[name]
    for place, files in {**{f".out.synlabel-{state}-0": it for state, it in left.items()}, "out": there or {}}.items():
        (tmp_path / place).mkdir()
        for file, data in files.items():
            (tmp_path / place / file).write_bytes(data)
    if there is None:
        (tmp_path / "out").rmdir()
    store.recover(tmp_path / "out")
    assert hidden_siblings(tmp_path) == []
    assert (content(tmp_path / "out") if wanted else not (tmp_path / "out").exists()) == (wanted or True)


def test_a_run_that_is_alive_is_left_alone(tmp_path):
    def other_starts(folder):
        store.recover(tmp_path / "out")
        return b"new"

    store.write_result(tmp_path / "out", {"spec.toml": b"new", "summary.json": other_starts})
    assert content(tmp_path / "out") == NEW


FILES = ["croissant.json", "dataset.parquet", "process.nc", "spec.toml", "summary.json"]
WRITER = """
import os, pathlib, sys
from synlabel_prob.store import directory
out, way = pathlib.Path(sys.argv[1]), sys.argv[2]
if way == "two moves":
    directory._exchange = lambda first, second: False
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        number = int(line)
        while True:
            number += 1
            names = ("croissant.json", "dataset.parquet", "process.nc", "spec.toml", "summary.json")
            directory.write_result(out, {name: b"%d" % number * 20_000 for name in names}, force=True)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


@pytest.mark.parametrize("way_of_child", ["exchange", "two moves"])
def test_killed_at_any_moment_the_old_or_the_new_result_is_there(tmp_path, way_of_child):
    out, delays = tmp_path / "out", random.Random(4)
    longest = 4 * _seconds_of_a_write(tmp_path / "other")  # busy as this machine is
    command = [sys.executable, "-c", WRITER, str(out), way_of_child]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin and parent.stdout
        last = 1000
        for killed in range(10):
            parent.stdin.write(f"{last}\n")
            parent.stdin.flush()
            child = int(parent.stdout.readline())
            while killed == 9 and last == 1000 and not out.exists():
                time.sleep(longest / 40)  # at least one child gets as far as a result
            time.sleep(delays.uniform(0, longest))
            os.kill(child, signal.SIGKILL)
            assert parent.stdout.readline() == "dead\n"
            if way_of_child == "exchange":
                assert out.exists() or last == 1000
            store.recover(out)
            assert hidden_siblings(tmp_path) == []
            last = _number_of(out, last) if out.exists() else last
        parent.stdin.close()
    assert last > 1000


def _seconds_of_a_write(out):
    start = time.perf_counter()
    for _ in range(5):
        store.write_result(out, {name: b"1000" * 20_000 for name in FILES}, force=True)
    shutil.rmtree(out)
    return (time.perf_counter() - start) / 5


def _number_of(out, at_least):
    """The number that all files of a complete result repeat; it never goes back."""
    files = content(out)
    assert sorted(files) == FILES
    assert len(set(files.values())) == 1
    number = int(files["spec.toml"][:4])
    assert files["spec.toml"] == b"%d" % number * 20_000
    assert number >= at_least
    return number


# --- the dataset ------------------------------------------------------------------------------------


def test_columns_are_the_users_and_then_the_runs():
    fitted, generated = run("plain")
    frame = store.result_frame(fitted, generated)
    user = ["row_id", *fitted.table.feature_names, "species"]
    assert list(frame.columns) == [*user, *store.result_names(fitted)]
    assert list(frame.columns[len(user) : len(user) + 3]) == [
        "ground_truth_label",
        "soft_label[setosa]",
        "soft_label[versicolor]",
    ]
    assert list(frame.columns[-3:]) == [f"class_conditional.{it}" for it in ("before", "after", "flip_probability")]
    assert frame["noisy_hard_label"].dtype == pd.CategoricalDtype(["setosa", "versicolor", "virginica"])
    np.testing.assert_array_equal(frame["symmetric.before"], frame["drawn_label"])
    np.testing.assert_array_equal(frame["class_conditional.after"], frame["noisy_hard_label"])
    changed = frame["symmetric.before"] != frame["symmetric.after"]
    assert 0 < changed.sum() < len(frame) and (frame.loc[changed, "symmetric.flip_probability"] > 0).all()


CLASSES = {
    "text": ("no", "yes"),
    "numbers": (3, 1),
    "truth values": (False, True),
    "numbers with a part": (0.5, 2),
    "mixed": ("other", 1),
}


@pytest.mark.parametrize("name", CLASSES)
def test_a_frame_survives_parquet_with_its_dtypes(tmp_path, name):
    classes = CLASSES[name]
    frame = pd.DataFrame({"id": ["a", "b", "c", "d"], "whole": [1, 2, 3, 4]})
    frame["small"] = pd.Series([0.1, 0.2, 0.3, 0.4], dtype="float32")
    frame["nullable"] = pd.array([1, 2, 3, 4], dtype="Int64")
    frame["truth"] = [True, False, True, True]
    frame["object"] = pd.Series(["x", "y", "x", "y"], dtype=object)
    frame["size"] = pd.Categorical(["S", "L", "S", "M"], categories=["S", "M", "L"], ordered=True)
    frame["code"] = pd.Categorical([7, 5, 7, 5], categories=[7, 6, 5])
    frame["label"] = pd.Categorical([classes[1], classes[0], classes[1], classes[1]], categories=list(classes))
    if name == "mixed":  # only a function's classes can be, not a column that is read
        table = Table.from_frame(frame.drop(columns="label"), row_id="id")
    else:
        table = Table.from_frame(frame, target="label", row_id="id", classes=classes)
    fitted = type("Fitted", (), {"table": table, "classes": classes, "process": over_iris(), "noisy_features": ()})()
    (tmp_path / "dataset.parquet").write_bytes(to_parquet(frame, fitted))
    read, about = read_parquet(tmp_path / "dataset.parquet")
    pd.testing.assert_frame_equal(read, frame)
    back = read_back_table(read, about["table"])
    assert back.sha256() == table.sha256()
    pd.testing.assert_frame_equal(back.to_frame(), table.to_frame())


def test_missing_values_survive_parquet(tmp_path):
    frame = pd.DataFrame({"number": [1.0, None, 3.0], "text": ["x", None, "y"], "label": ["a", "b", "a"]})
    frame["code"] = pd.Categorical([7, None, 5], categories=[7, 5])
    table = Table.from_frame(frame, target="label")
    fitted = type("Fitted", (), {"table": table, "classes": ("a", "b"), "process": over_iris(), "noisy_features": ()})()
    (tmp_path / "dataset.parquet").write_bytes(to_parquet(frame, fitted))
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "dataset.parquet")[0], frame)


@pytest.mark.parametrize("taken", ["drawn_label", "soft_label[setosa]", "symmetric.before"])
def test_names_of_the_users_columns_are_not_taken(taken):
    fitted, generated = run("plain")
    frame = fitted.table.to_frame().rename(columns={"sepal width (cm)": taken})
    table = Table.from_frame(frame.assign(species=fitted.table.target), target="species")
    other = dataclasses.replace(fitted, table=table)
    with pytest.raises(InputError, match=r"which the result adds itself: rename it with `data\.rename`"):
        store.result_frame(other, generated)


def test_two_classes_of_one_name_are_refused():
    fitted = run("plain")[0]
    table = Table.from_frame(fitted.table.to_frame())
    function = g.PythonFunction(function=lambda frame: [1] * len(frame), classes=(1, "1")).fit(table)
    other = dataclasses.replace(fitted, process=over_iris(n.Symmetric(0.1)), table=table, ground_truth=function)
    with pytest.raises(InputError, match=r"would have 2 columns 'soft_label\[1\]'"):
        store.result_names(other)


# --- the result -------------------------------------------------------------------------------------


def _written(folder, name, **options):
    fitted, generated = run(name)
    made = report(fitted, generated, title=name)
    spec = f'title = "{name} \\n[provenance]\\n"\nseed = 4\n'
    files = store.result_files(fitted, generated, made, spec=spec, netcdf=b"a tree", **options)
    store.write_result(folder / name, files)
    return fitted, generated, made, spec, store.read_result(folder / name)


@pytest.mark.parametrize("name", RUN_NAMES)
def test_the_four_datasets_come_back(tmp_path, name):
    _, generated, made, spec, result = _written(tmp_path, name)
    for part in ("ground_truth", "partial", "observed_soft", "observed_hard"):
        before, after = getattr(generated, part), getattr(result, part)
        pd.testing.assert_frame_equal(to_frame(after), to_frame(before))
        assert after.classes == before.classes
        assert after.view.sha256() == before.view.sha256()
        assert after.provenance.arrows == before.provenance.arrows
        assert after.provenance.conditions_on_label == before.provenance.conditions_on_label
        if part != "ground_truth":
            assert after.hidden.sha256() == before.hidden.sha256()
    np.testing.assert_array_equal(result.partial.standard_error, generated.partial.standard_error)
    np.testing.assert_array_equal(result.drawn_label, generated.drawn_label)
    assert result.report == made and result.spec == spec
    assert result.ground_truth.provenance.seed == 4


def test_provenance_names_versions_and_hashes(tmp_path):
    fitted, _, _, _, result = _written(tmp_path, "plain", input_sha256="0" * 64)
    assert result.provenance["table_sha256"] == fitted.table.sha256()
    assert result.provenance["input_sha256"] == "0" * 64
    wanted = {"python", "synlabel_prob", "numpyro", "jax", "numpy", "pandas", "scikit-learn", "arviz"}
    assert set(result.provenance["versions"]) == wanted
    assert store.recorded_hashes(tmp_path / "plain") == store.file_hashes(tmp_path / "plain")
    assert set(store.recorded_hashes(tmp_path / "plain")) >= {"dataset.parquet", "process.nc", "spec.toml"}


def test_a_ground_truth_that_can_be_saved_is(tmp_path):
    fitted, _, _, _, result = _written(tmp_path, "plain")
    assert result.ground_truth_function.saved() == fitted.ground_truth.saved() is not None


def test_plain_pandas_reads_the_dataset(tmp_path):
    *_, result = _written(tmp_path, "mixed")
    read = pd.read_parquet(tmp_path / "mixed" / "dataset.parquet")
    assert list(read.columns) == list(result.frame.columns)
    for name in read.columns:  # categories are plain values there
        assert read[name].tolist() == result.frame[name].tolist()


@pytest.mark.parametrize("damage", ["missing", "summary", "dataset"])
def test_what_is_no_result_is_refused(tmp_path, damage):
    _written(tmp_path, "plain")
    folder = tmp_path / ("nowhere" if damage == "missing" else "plain")
    if damage == "summary":
        (folder / "summary.json").write_text("{")
    if damage == "dataset":
        (folder / "dataset.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="must be the d"):
        store.read_result(folder)


def test_votes_come_back_and_plain_pandas_reads_them(tmp_path):
    _, generated, _, _, result = _written(tmp_path, "votes")
    for part in ("rows", "annotators", "labels", "row_ids"):
        np.testing.assert_array_equal(getattr(result.votes, part), getattr(generated.votes, part))
    assert (result.votes.names, result.votes.classes) == (generated.votes.names, generated.votes.classes)
    read = pd.read_parquet(tmp_path / "votes" / "votes.parquet")
    assert list(read.columns) == ["task", "worker", "label"] and len(read) == len(generated.votes)
    assert "votes.parquet" in store.recorded_hashes(tmp_path / "votes")
    shares = result.frame[[f"vote_share[{name}]" for name in result.votes.classes]]
    np.testing.assert_array_equal(shares, annotators.vote_shares(generated.votes))
    np.testing.assert_array_equal(result.frame["plurality_label"].cat.codes, annotators.plurality(generated.votes))
    assert result.frame["plurality_label"].isna().any()


@pytest.mark.parametrize("classes", [("a", 1, 2.5), (7, 3, 5), (True, False), ("1", "0", "x")])
def test_votes_on_classes_of_any_type_come_back(tmp_path, classes):
    labels = np.array([len(classes) - 1, 0, 1])
    votes = annotators.Votes(
        np.array([0, 0, 1]), np.array([0, 1, 1]), labels, np.array(["x", "y"], object), ("p", "q"), classes
    )
    (tmp_path / "votes.parquet").write_bytes(votes_to_parquet(votes))
    back = read_votes(tmp_path / "votes.parquet", votes.row_ids)
    np.testing.assert_array_equal(back.labels, votes.labels)
    assert repr(back.classes) == repr(classes)
    with pytest.raises(InputError, match="must be the votes of a result"):
        read_votes(tmp_path / "nothing.parquet", votes.row_ids)


def test_a_result_without_annotators_has_no_votes(tmp_path):
    *_, result = _written(tmp_path, "plain")
    assert result.votes is None and not (tmp_path / "plain" / "votes.parquet").exists()


def test_observed_sets_come_back_and_one_class_alone_is_a_label(tmp_path):
    fitted, generated, _, _, result = _written(tmp_path, "candidates")
    np.testing.assert_array_equal(result.observed_sets, generated.observed_sets)
    frame = result.frame
    for place, name in enumerate(fitted.classes):
        assert frame[f"candidate[{name}]"].dtype == bool
        np.testing.assert_array_equal(frame[f"candidate[{name}]"], generated.observed_sets[:, place])
    single = generated.observed_sets.sum(1) == 1
    np.testing.assert_array_equal(frame["observed_label"].isna(), ~single)
    np.testing.assert_array_equal(frame["observed_label"][single], frame["noisy_hard_label"][single])


def test_noisy_features_stand_beside_the_true_ones(tmp_path):
    fitted, generated, _, _, result = _written(tmp_path, "noisy_features")
    frame, table = result.frame, fitted.table
    for name in ("age", "size"):
        pd.testing.assert_series_equal(frame[name], table.to_frame()[name])
        recorded = generated.observed_hard.view.to_frame()[name]
        pd.testing.assert_series_equal(frame[f"noisy_feature[{name}]"], recorded, check_names=False)
        assert (frame[name].astype(object) != recorded.astype(object)).any()
    assert [name for name in frame.columns if "noisy_feature" in name] == ["noisy_feature[age]", "noisy_feature[size]"]
    assert result.partial.view.missing() == () and result.observed_soft.view.missing() == ("size",)


@pytest.mark.slow
def test_noisy_features_of_a_table_that_misses_values_come_back(tmp_path):
    fitted, generated = incomplete_with_noise()
    files = store.result_files(fitted, generated, report(fitted, generated), spec="seed = 4\n", netcdf=b"a tree")
    store.write_result(tmp_path / "noisy", files)
    result = store.read_result(tmp_path / "noisy")
    for part in ("ground_truth", "partial", "observed_soft", "observed_hard"):
        assert getattr(result, part).view.sha256() == getattr(generated, part).view.sha256()
    assert "noisy_feature[height]" in result.frame and "completed[height]" in result.frame


def test_a_result_without_noise_on_features_has_no_such_columns(tmp_path):
    *_, result = _written(tmp_path, "plain")
    assert not any(name.startswith("noisy_feature") for name in result.frame.columns)
    assert result.observed_hard.view is result.observed_soft.view is result.partial.view


VALUES = {
    "whole": [1, 2, 3, 4, 5, 6],
    "real": [0.5, 1.5, 2.5, 3.5, 4.5, 5.5],
    "truth": [True, False, True, False, True, True],
    "text": ["x", "y", "x", "z", "y", "x"],
    "code": pd.Categorical([7, 5, 7, 6, 5, 7], categories=[7, 6, 5], ordered=True),
    "single": pd.Series([1, 2, 3, 4, 5, 6], dtype="float32"),
    "nullable": pd.array([1, 2, None, 4, 5, 6], dtype="Int64"),
}


@pytest.mark.parametrize("rate", [0.5, 1.0])
@pytest.mark.parametrize("name", VALUES)
def test_noisy_features_of_any_type_come_back(tmp_path, name, rate):
    table = Table.from_frame(pd.DataFrame({"other": np.arange(6.0), name: VALUES[name]}))
    noise = (f.MissingValues(rate, features=(name,)), f.Swapped(1.0, features=(name,)))
    noisy = f.noisy_table(table, noise, jax.random.key(0))
    frame = table.to_frame().assign(**{f"noisy_feature[{name}]": noisy.to_frame()[name]})
    fitted = type("Fitted", (), {"table": table, "classes": ("a", "b"), "process": over_iris(), "noisy_features": ()})()
    (tmp_path / "dataset.parquet").write_bytes(to_parquet(frame, fitted))
    read = read_back_noisy(read_parquet(tmp_path / "dataset.parquet")[0], table, (name,))
    assert np.isnan(noisy.features[:, 1]).any()
    assert read.sha256() == noisy.sha256()
    pd.testing.assert_frame_equal(read.to_frame(), noisy.to_frame())


def test_names_of_noisy_features_are_not_taken():
    fitted = run("noisy_features")[0]
    frame = fitted.table.to_frame().assign(**{"noisy_feature[age]": 1.0})
    other = dataclasses.replace(fitted, table=Table.from_frame(frame))
    with pytest.raises(InputError, match=r"The table has a column 'noisy_feature\[age\]', which the result adds"):
        store.result_names(other)


def test_a_result_without_an_observation_has_no_sets(tmp_path):
    *_, result = _written(tmp_path, "plain")
    assert result.observed_sets is None and "observed_label" not in result.frame
