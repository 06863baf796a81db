"""A table in chunks gives the bytes of the whole, goes on after a kill, and stays small."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from chunked_cases import ROWS, SPECS, write_table

from synlabel_prob import chunked, run, store
from synlabel_prob.errors import InputError
from synlabel_prob.process import by_row

REFERENCE = 400


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_table(tmp_path_factory.mktemp("chunked"))


@pytest.fixture(
    scope="module", params=[pytest.param(it, marks=pytest.mark.slow) if it == "learned" else it for it in SPECS]
)
def results(request, folder):
    """One spec in chunks of three sizes, and the reports."""
    spec, reports = SPECS[request.param], {}
    for rows in (500, 1300, ROWS):
        out = folder / f"{request.param}{rows}"
        reports[out] = run.generate(spec, out, base_directory=folder, chunk_rows=rows, reference_rows=REFERENCE)
    return spec, reports


def hidden_siblings(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


# --- the result -------------------------------------------------------------------------------------


def test_the_bytes_of_a_result_do_not_depend_on_the_size_of_the_chunks(results):
    _, reports = results
    hashes = [store.file_hashes(out) for out in reports]
    assert set(hashes[0]) == {"dataset.parquet", "spec.toml", "ground_truth.json", "croissant.json"}
    assert hashes[0] == hashes[1] == hashes[2]
    assert all(store.recorded_hashes(out) == store.file_hashes(out) for out in reports)
    assert hidden_siblings(next(iter(reports)).parent) == []


def test_a_result_is_read_like_any_other(results):
    spec, reports = results
    for out, report in reports.items():
        found = store.read_result(out)
        assert found.report == report and report.rows == ROWS and report.reference_rows == REFERENCE
        assert found.frame["name"].nunique() == ROWS and found.ground_truth.provenance.seed == spec.seed
        assert found.ground_truth_function is not None
        features = found.ground_truth.view.features
        assert np.array_equal(found.ground_truth_function.labels(features), found.ground_truth.hard_labels)


@pytest.mark.slow
def test_the_process_is_that_of_the_reference_rows(results, folder):
    """A run of a table of these rows alone gives them the same soft labels."""
    spec, reports = results
    found = store.read_result(next(iter(reports))).frame.set_index("name")
    options = {"chunk_rows": 500, "reference_rows": REFERENCE, "allow_outside": False}
    table = chunked.prepare(spec, folder, progress=run.Progress(stream=None), **options).table
    names = table.reference.row_ids
    (folder / "small").mkdir(exist_ok=True)
    small = pq.read_table(folder / "big.parquet").to_pandas().set_index("name", drop=False).loc[names]
    small.reset_index(drop=True).to_parquet(folder / "small" / "big.parquet")
    out = folder / "small" / f"of-{spec.process.prior.kind}"
    run.generate(spec, out, base_directory=folder / "small")
    alone = store.read_result(out).frame.set_index("name")
    columns = [name for name in alone if name.startswith(("soft_label", "ground_truth"))]
    assert len(columns) > 4 and alone[columns].equals(found.loc[names, columns])


@pytest.mark.slow
def test_target_rates_are_near_on_all_rows(folder):
    """Of 400 reference rows: on all soft labels the rate has a standard deviation of about 0.007 around 0.1."""
    out = folder / "rates"
    made = run.generate(SPECS["learned"], out, base_directory=folder, chunk_rows=ROWS, reference_rows=REFERENCE)
    _, unclear, _ = made.noise
    assert unclear.name == "unclear" and unclear.nominal_rate == 0.1
    assert unclear.expected_rate == pytest.approx(0.1, abs=0.03) and unclear.expected_rate != pytest.approx(
        0.1, abs=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["network", "learned"])
def test_with_all_rows_as_reference_soft_labels_are_those_of_an_ordinary_run(name, folder):
    whole, parts = folder / f"{name}-whole", folder / f"{name}-all"
    before = run.generate(SPECS[name], whole, base_directory=folder)
    now = run.generate(SPECS[name], parts, base_directory=folder, chunk_rows=1300, reference_rows=ROWS)
    first, second = (store.read_result(out).frame for out in (whole, parts))
    columns = [column for column in first if not column.startswith("noisy_soft") and "flip" not in column]
    assert list(first) == list(second) and first[columns].equals(second[columns])
    others = [column for column in first if column not in columns]
    np.testing.assert_allclose(first[others].to_numpy(), second[others].to_numpy(), rtol=1e-9, atol=1e-12)
    assert (whole / "ground_truth.json").read_bytes() == (parts / "ground_truth.json").read_bytes()
    assert before.largest_standard_error == now.largest_standard_error


# --- before anything is done ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"chunk_rows": 0}, "`chunk_rows` must be a whole number of at least 1; got 0"),
        ({"chunk_rows": "many"}, "`chunk_rows` must be a whole number of at least 1; got 'many'"),
        ({"chunk_rows": 9, "reference_rows": -1}, "`reference_rows` must be a whole number of at least 1; got -1"),
    ],
)
def test_numbers_that_are_none_are_refused(folder, tmp_path, options, sentence):
    with pytest.raises(InputError, match=sentence):
        run.generate(SPECS["network"], tmp_path / "out", base_directory=folder, **options)
    assert list(tmp_path.iterdir()) == []


def test_an_error_before_the_first_chunk_leaves_nothing(folder, tmp_path, monkeypatch):
    def broken(*arguments, **options):
        raise InputError("No")

    monkeypatch.setattr(by_row, "evaluated", broken)
    with pytest.raises(InputError, match="No"):
        run.generate(SPECS["network"], tmp_path / "new" / "out", base_directory=folder, chunk_rows=500)
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_changes_during_the_run_is_no_result(tmp_path, monkeypatch):
    path = write_table(tmp_path, 600) / "big.parquet"
    add = store.Parts.add

    def touched(parts, *arguments):
        add(parts, *arguments)
        os.utime(path, ns=(1, 1))

    monkeypatch.setattr(store.Parts, "add", touched)
    with pytest.raises(InputError, match=r"'big.parquet' must stay as it is during a run; it has changed: start anew"):
        run.generate(SPECS["network"], tmp_path / "out", base_directory=tmp_path, chunk_rows=300)
    assert not (tmp_path / "out").exists()


# --- interruptions ----------------------------------------------------------------------------------


PROGRAM = """
import sys
sys.path[:0] = sys.argv[4:]
from chunked_cases import SPECS
from synlabel_prob import run
run.generate(SPECS["network"], sys.argv[1], base_directory=sys.argv[2], chunk_rows=500, reference_rows=int(sys.argv[3]))
"""


def test_a_run_that_was_killed_goes_on_to_the_same_bytes(folder, tmp_path):
    spec, out, here = SPECS["network"], tmp_path / "big", Path(__file__).parent
    part = tmp_path / ".big.partial" / "part-000001.parquet"
    paths = [str(here), str(here.parent)]
    command = [sys.executable, "-c", PROGRAM, str(out), str(folder), str(REFERENCE), *paths]
    with subprocess.Popen(command) as child:
        while not part.exists():
            assert child.poll() is None, "it ended before it was killed"
            time.sleep(0.001)
        os.kill(child.pid, signal.SIGKILL)
    assert not out.exists() and child.returncode == -signal.SIGKILL
    said: list[str] = []
    numbers = {"chunk_rows": 500, "reference_rows": REFERENCE}
    options = {"base_directory": folder, "say": said.append, **numbers}
    with pytest.raises(InputError, match=r"it differs in the spec: run it again as it was, or start anew with --force"):
        run.generate(dataclasses.replace(spec, seed=6), out, **options)
    with pytest.raises(InputError, match=r"differs in chunk_rows \(500, now 501\)"):
        run.generate(spec, out, **{**options, "chunk_rows": 501})
    assert said == []
    run.generate(spec, out, **options)
    assert len(said) == 1 and said[0].endswith("of 6 chunks are there") and said[0] > "resuming: 2"
    run.generate(spec, tmp_path / "uninterrupted", base_directory=folder, **numbers)
    first, second = (
        {it.name: it.read_bytes() for it in (tmp_path / name).iterdir()} for name in ("big", "uninterrupted")
    )
    assert first == second
    assert hidden_siblings(tmp_path) == []


def test_what_stays_after_an_interrupt_is_said(folder, tmp_path, monkeypatch):
    add, said = store.Parts.add, []

    def interrupted(parts, *arguments):
        add(parts, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(store.Parts, "add", interrupted)
    options = {"base_directory": folder, "chunk_rows": 2000, "reference_rows": REFERENCE, "say": said.append}
    with pytest.raises(KeyboardInterrupt):
        run.generate(SPECS["network"], tmp_path / "out", **options)
    assert said == ["interrupted: 1 of 2 chunks stay, and the same command goes on with them"]
    assert [path.name for path in tmp_path.iterdir()] == [".out.partial"]


# --- memory -----------------------------------------------------------------------------------------

LARGEST = 2 * 2**30

MEMORY = """
import sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
from synlabel_prob import ground_truth, noise, priors, run
from synlabel_prob.process import Process
from synlabel_prob.soft_labels import QuasiMonteCarlo
from synlabel_prob.sources import Data
from synlabel_prob.spec import Spec

rows, folder = int(sys.argv[1]), sys.argv[2]
names = [f"x{place}" for place in range(20)]
schema, draw = pa.schema([(name, pa.float64()) for name in names]), np.random.default_rng(0)
with pq.ParquetWriter(f"{folder}/{rows}.parquet", schema) as writer:
    for start in range(0, rows, 50_000):
        writer.write_table(pa.table(list(draw.normal(size=(20, min(50_000, rows - start)))), schema=schema))
process = Process(
    ground_truth.RandomNetwork(("A", "B", "C")), tuple(names[:5]), priors.Gaussian(), (noise.Symmetric(0.1),)
)
spec = Spec(Data(path=f"{rows}.parquet"), process, soft_labels=QuasiMonteCarlo(draws=16))
run.generate(spec, f"{folder}/out{rows}", base_directory=folder, chunk_rows=50_000)
status = open("/proc/self/status").read()
print(1024 * int(status.partition("VmHWM:")[2].split()[0]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a program is read from /proc")
def test_memory_does_not_grow_with_the_rows(tmp_path):
    """A million rows below 2 GiB, and for 800,000 rows more not even their 20 features are more in memory."""
    peaks = {}
    for rows in (200_000, 1_000_000):
        command = [sys.executable, "-c", MEMORY, str(rows), str(tmp_path)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks[rows] = int(answer.stdout.split()[-1])
    assert peaks[1_000_000] < LARGEST
    assert peaks[1_000_000] - peaks[200_000] < 800_000 * 20 * 8
