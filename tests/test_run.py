from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import sys
import time

import pandas as pd
import pytest
from contracts import margin, mixed_table, next_class
from quick import only
from runs import MIXED_PRIOR, RULES, over_iris

from synlabel_prob import feature_noise as f
from synlabel_prob import ground_truth as g
from synlabel_prob import noise as n
from synlabel_prob import priors as p
from synlabel_prob import run, store
from synlabel_prob.errors import InputError
from synlabel_prob.inspection import read_datatree
from synlabel_prob.process import Process
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.sources import Data, read_table
from synlabel_prob.spec import Spec, from_toml

FEW = QuasiMonteCarlo(draws=64)
NOISE = (n.Symmetric(0.2), margin(0.1, source="soft_label", selection="exact_count"))
IRIS = Spec(Data(table="iris"), over_iris(*NOISE, prior=p.KernelDensity()), "Iris", 7, FEW)
KINDS, LEVELS = {"size": "ordinal"}, {"size": ("S", "M", "L")}
FILE = Data(path="voters.csv", target="answer", row_id="voter", kinds=KINDS, levels=LEVELS)
ON_FEATURES = (f.Gaussian(0.3), f.LevelFlips(0.2), f.MissingValues(0.1))
VOTERS = Process(RULES, ("region", "income", "height"), MIXED_PRIOR, (next_class(0.3),), feature_noise=ON_FEATURES)
FROM_FILE = Spec(FILE, VOTERS, "File", 3, FEW)


def write_voters(folder, name="voters.csv"):
    """A user's own file, mixed kinds and ids of text."""
    table = mixed_table(60)
    frame = table.to_frame().assign(answer=[table.classes[code] for code in table.target])
    frame.insert(0, "voter", [f"v{number:03}" for number in range(len(frame))])
    frame.to_csv(folder / name, index=False)
    return folder / name


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A result of a shipped table and one of a file, and the folder that they are in."""
    folder = tmp_path_factory.mktemp("results")
    write_voters(folder)
    reports = {
        "iris": run.generate(IRIS, folder / "iris"),
        "file": run.generate(FROM_FILE, folder / "file", base_directory=folder),
    }
    return folder, reports


def copied(folder, name, target):
    """A result that a test may change."""
    files = {path.name: path.read_bytes() for path in (folder / name).iterdir()}
    store.write_result(target, files)
    return target


def files_of(folder):
    """The bytes of every file."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def forged(folder, **replaced):
    """Put other content into a result and record its hashes, as if a run had written it."""
    for name, data in replaced.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    summary = json.loads((folder / "summary.json").read_bytes())
    summary["hashes"] = store.file_hashes(folder)
    (folder / "summary.json").write_text(json.dumps(summary))


# --- generate ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", only(["file"], ["iris", "file"]))
def test_a_result_has_what_was_asked_for(written, name):
    folder, reports = written
    spec = {"iris": IRIS, "file": FROM_FILE}[name]
    result = store.read_result(folder / name)
    assert {"dataset.parquet", "process.nc", "spec.toml", "summary.json"} <= set(files_of(folder / name))
    assert result.report == reports[name] and result.report.title == spec.title
    assert from_toml(result.spec) == spec
    assert result.ground_truth.provenance.seed == spec.seed
    table = read_table(spec.data, folder)
    assert result.ground_truth.view.sha256() == table.sha256()
    assert list(result.frame[table.row_id_name]) == list(table.row_ids)
    tree = read_datatree(folder / name / "process.nc")
    assert list(tree["posterior_predictive/soft_label"].coords["row"].values) == list(table.row_ids)
    assert tree.attrs["title"] == spec.title


def test_the_file_that_was_read_is_recorded(written):
    folder, _ = written
    provenance = store.read_result(folder / "file").provenance
    assert provenance["input_sha256"] == hashlib.sha256((folder / "voters.csv").read_bytes()).hexdigest()
    assert "input_sha256" not in store.read_result(folder / "iris").provenance


def test_equal_specs_give_equal_bytes_whatever_the_memory(written, tmp_path):
    folder, _ = written
    run.generate(IRIS, tmp_path / "again", memory_budget=2**22)
    assert files_of(tmp_path / "again") == files_of(folder / "iris")


def test_another_seed_gives_other_labels(written, tmp_path):
    folder, _ = written
    run.generate(dataclasses.replace(IRIS, seed=8), tmp_path / "other")
    before, after = store.read_result(folder / "iris").frame, store.read_result(tmp_path / "other").frame
    assert (before["noisy_hard_label"] != after["noisy_hard_label"]).any()
    assert before["ground_truth_label"].equals(after["ground_truth_label"])


def test_an_old_result_survives_what_fails_and_is_replaced_by_force(tmp_path, monkeypatch):
    out = tmp_path / "out"
    store.write_result(out, {"spec.toml": b"old"})
    with pytest.raises(InputError, match="exists already"):
        run.generate(IRIS, out)
    impossible = dataclasses.replace(IRIS, process=over_iris(prior=p.Categorical()))
    with pytest.raises(InputError, match="takes categorical and ordinal features"):
        run.generate(impossible, out, force=True)
    assert files_of(out) == {"spec.toml": b"old"}
    run.generate(IRIS, out, force=True)
    assert store.file_hashes(out) == store.recorded_hashes(out)


def test_the_output_is_looked_at_before_anything_is_computed(tmp_path):
    (tmp_path / "out").mkdir()
    began = time.perf_counter()
    with pytest.raises(InputError, match="exists already"):
        run.generate(dataclasses.replace(IRIS, data=Data(path="nowhere.csv")), tmp_path / "out")
    assert time.perf_counter() - began < 1.0


def test_a_spec_that_cannot_be_written_is_refused_first(tmp_path):
    from sklearn.tree import DecisionTreeClassifier

    process = Process(g.Learned(DecisionTreeClassifier()), ("petal width (cm)",), p.Uniform())
    with pytest.raises(InputError):
        run.generate(Spec(Data(table="iris"), process), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_columns_that_collide_are_refused_and_nothing_is_left(tmp_path):
    write_voters(tmp_path)
    data = dataclasses.replace(FILE, rename={"age": "drawn_label"})
    with pytest.raises(InputError, match="'drawn_label', which the result adds itself"):
        run.generate(dataclasses.replace(FROM_FILE, data=data), tmp_path / "new" / "out", base_directory=tmp_path)
    assert not (tmp_path / "new").exists()


# --- verify -----------------------------------------------------------------------------------------


def test_a_result_is_the_same_when_computed_again(written, monkeypatch):
    folder, _ = written
    assert run.verify(folder / "iris") == []
    monkeypatch.chdir(folder)
    assert run.verify("file") == []


def test_a_table_that_moved_is_found_by_its_hash(written, tmp_path, monkeypatch):
    folder, _ = written
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"'voters\.csv' is not there: say with --data where it is now"):
        run.verify(folder / "file")
    moved = write_voters(tmp_path, "moved.csv")
    assert run.verify(folder / "file", data_path="moved.csv") == []
    moved.write_text(moved.read_text().replace("v000", "v999"))
    with pytest.raises(InputError, match="is not the table of the result, its SHA-256 differs: name the file"):
        run.verify(folder / "file", data_path=moved)


def test_a_shipped_table_needs_no_file(written, tmp_path):
    with pytest.raises(InputError, match="of the table 'iris', which has no file: leave --data out"):
        run.verify(written[0] / "iris", data_path=tmp_path / "x.csv")


@pytest.mark.parametrize("name", ["dataset.parquet", "process.nc", "spec.toml", "ground_truth.json"])
def test_a_file_that_was_changed_is_named(written, tmp_path, name):
    out = copied(written[0], "iris", tmp_path / "out")
    (out / name).write_bytes((out / name).read_bytes() + b" ")
    assert run.verify(out) == [f"{name} is not the file that the run wrote: its SHA-256 differs."]
    (out / name).unlink()
    assert run.verify(out) == [f"{name} is missing."]


def test_what_another_seed_would_have_given_is_named_by_column(written, tmp_path):
    out = copied(written[0], "iris", tmp_path / "out")
    text = (out / "spec.toml").read_text().replace("seed = 7", "seed = 8").replace('jax = "', 'jax = "0.')
    forged(out, spec__toml=text.encode())
    found = run.verify(out)
    assert any(sentence.startswith("dataset.parquet: column 'drawn_label' differs in ") for sentence in found)
    assert not any("ground_truth_label" in sentence for sentence in found)
    assert "process.nc: noisy_hard_label in observed_data differs." in found
    assert found[-1].startswith("Versions differ from those of the run: jax 0.")


def test_one_changed_value_is_found(written, tmp_path):
    out = copied(written[0], "iris", tmp_path / "out")
    result = store.read_result(out)
    frame = result.frame.copy()
    frame.loc[4, "soft_label[setosa]"] += 1e-12
    content = io.BytesIO()
    import pyarrow
    import pyarrow.parquet

    metadata = pyarrow.parquet.read_schema(out / "dataset.parquet").metadata
    pyarrow.parquet.write_table(pyarrow.Table.from_pandas(frame).replace_schema_metadata(metadata), content)
    forged(out, dataset__parquet=content.getvalue())
    found = run.verify(out)
    assert found == ["dataset.parquet: column 'soft_label[setosa]' differs in 1 rows, the first in data row 5."]


def test_other_bytes_of_equal_content_are_the_same(written, tmp_path):
    out = copied(written[0], "iris", tmp_path / "out")
    import pyarrow.parquet

    table, content = pyarrow.parquet.read_table(out / "dataset.parquet"), io.BytesIO()
    pyarrow.parquet.write_table(table, content, compression="none")
    forged(out, dataset__parquet=content.getvalue())
    assert run.verify(out) == []


def test_what_is_no_result_is_refused(tmp_path):
    with pytest.raises(InputError, match="must be the directory of a result"):
        run.verify(tmp_path)


# --- progress ---------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def test_a_line_appears_on_a_terminal_and_goes_away():
    stream = Terminal()
    with run.Progress("fitting", stream=stream, delay=0.0) as progress:
        time.sleep(0.5)
        progress.stage("soft labels")
        progress(1, 4)
        time.sleep(0.5)
    shown = stream.getvalue()
    assert "fitting" in shown and "soft labels  25%" in shown
    assert shown.split("\r")[-1].strip() == ""


def test_a_terminal_without_a_size_shows_the_line_too(monkeypatch):
    own, other = os.openpty()
    os.set_blocking(own, False)
    with os.fdopen(other, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)  # tqdm asks for the size of this one only
        with run.Progress("fitting", stream=stream, delay=0.0):
            time.sleep(0.5)
        assert b"fitting" in os.read(own, 4096)
    os.close(own)


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_nothing_is_shown_where_there_is_no_terminal(stream):
    with run.Progress("fitting", stream=stream, delay=0.0) as progress:
        progress(1, 2)
        time.sleep(0.3)
    assert stream is None or stream.getvalue() == ""


def test_nothing_is_shown_of_what_is_quick():
    stream = Terminal()
    with run.Progress("fitting", stream=stream) as progress:
        progress(1, 2)
    assert stream.getvalue() == ""


def test_a_run_tells_its_progress(tmp_path):
    seen = []

    class Recorder(run.Progress):
        def stage(self, description):
            seen.append(description)

        def __call__(self, done, total):
            seen.append((done, total))

    run.generate(IRIS, tmp_path / "out", progress=Recorder(stream=None))
    assert seen[0] == "reading the table" and seen[-1] == "writing"
    assert (150, 150) in seen
    assert pd.Index(seen).is_unique
