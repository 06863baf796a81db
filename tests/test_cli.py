import contextlib
import io
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bad_inputs import CASES, FOUND_WHEN_FITTING, SPEC, frame

from synlabel_prob import cli
from synlabel_prob.store import Parts

COMMANDS = (
    "generate",
    "compare",
    "study",
    "study hiding",
    "check",
    "explain",
    "schema",
    "list",
    "verify",
    "inspect",
    "infer",
)
HEAVY = {"jax", "numpyro", "sklearn", "scipy", "arviz"}


def run(*arguments: str) -> tuple[int, str, str]:
    """The command in this process: exit code, stdout, stderr."""
    out, error, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        patch.setattr(sys, "argv", ["synlabel-prob", *arguments])
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
    return code, out.getvalue(), error.getvalue()


def contents(folder) -> dict:
    return {path.relative_to(folder): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


# --- wrong input --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_wrong_input_is_said_in_sentences_and_leaves_nothing_behind(name, folder, monkeypatch):
    case = CASES[name]
    case.prepare(folder)
    arguments = case.arguments or ("spec.toml",)
    out = () if "--out" in arguments else ("--out", "result")
    if case.fails is not None:
        monkeypatch.setattr(os, "fsync", case.fails)
    before = contents(folder)
    code, printed, said = run("generate", *arguments, *out)
    assert code == 2, (printed, said)
    assert printed == ""
    assert "Traceback" not in said
    assert re.search(case.said, said), said
    assert contents(folder) == before


def test_check_finds_what_generate_would_refuse(folder):
    for name, case in CASES.items():
        if case.arguments or case.fails or name in FOUND_WHEN_FITTING:
            continue
        (folder / "spec.toml").write_text(SPEC)
        frame().to_csv(folder / "table.csv", index=False)
        case.prepare(folder)
        assert run("check", "spec.toml")[0] == 2, name


def test_all_errors_of_a_spec_are_reported_at_once(folder):
    wrong = SPEC.replace("rate = 0.1", "rate = 7").replace("seed = 3", "sead = 3").replace("draws = 64", "draws = 0")
    (folder / "spec.toml").write_text(wrong)
    code, _, said = run("check", "spec.toml")
    assert code == 2
    for words in ("`sead`", "`noise.symmetric.rate`", "`soft_labels.draws`"):
        assert words in said


def test_all_errors_of_a_table_are_reported_at_once(folder):
    made = frame().assign(b=1.0)
    made.loc[3, "c"] = None
    made.to_csv(folder / "table.csv", index=False)
    said = run("check", "spec.toml")[2]
    assert "constant" in said
    assert "missing values" in said


# --- right input --------------------------------------------------------------------------------------


def test_generate_writes_a_result_and_prints_a_summary(folder):
    code, printed, said = run("generate", "spec.toml", "--out", "result", "--seed", "5", "--draws", "128")
    assert (code, said) == (0, "")
    assert sorted(path.name for path in (folder / "result").iterdir()) == [
        "croissant.json",
        "dataset.parquet",
        "ground_truth.json",
        "process.nc",
        "spec.toml",
        "summary.json",
    ]
    for words in ("30", "symmetric", "gaussian", "no monte carlo error", "entropy", "written to result"):
        assert words in printed.lower(), words
    made = pd.read_parquet("result/dataset.parquet")
    assert len(made) == 30
    assert json.loads((folder / "result" / "summary.json").read_text())["rows"] == 30
    assert "seed = 5" in (folder / "result" / "spec.toml").read_text()


def test_force_replaces_a_result_and_equal_runs_are_equal_bytes(folder):
    run("generate", "spec.toml", "--out", "result")
    first = contents(folder / "result")
    assert run("generate", "spec.toml", "--out", "result", "--force")[0] == 0
    assert contents(folder / "result") == first
    run("generate", "spec.toml", "--out", "result", "--force", "--seed", "4")
    assert contents(folder / "result") != first


def test_generate_in_chunks_goes_on_where_it_was_interrupted(folder, monkeypatch):
    frame().to_parquet("big.parquet", row_group_size=7)
    arguments = ("generate", "spec.toml", "--data", "big.parquet", "--out", "result", "--chunk-rows", "8")
    with monkeypatch.context() as patch:
        patch.setattr(Parts, "join", lambda parts, path: path.write_bytes(b"") or os.stat("nowhere"))
        code, _, said = run(*arguments, "--reference-rows", "20")
    assert code == 2 and "cannot be written" in said
    assert not (folder / "result").exists() and len(list((folder / ".result.partial").iterdir())) == 5
    code, _, said = run(*arguments)
    assert code == 2 and "it differs in reference_rows (20, now 30)" in said
    code, printed, said = run(*arguments, "--reference-rows", "20")
    assert (code, said) == (0, "")
    assert printed.startswith("resuming: 4 of 4 chunks are there\n")
    assert "fitted to      20 rows, those with the smallest hashes of their ids" in printed
    assert sorted(contents(folder / "result")) == [
        Path(name) for name in ("croissant.json", "dataset.parquet", "ground_truth.json", "spec.toml", "summary.json")
    ]
    assert pd.read_parquet("result/dataset.parquet")["id"].tolist() == frame()["id"].tolist()
    assert not (folder / ".result.partial").exists()
    assert run("verify", "result") == (0, "result: the same\n", "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--chunk-rows", "8"), "`chunk_rows` is for a Parquet file"),
        (("--reference-rows", "8"), "--reference-rows is for a table that is read in chunks: give --chunk-rows too."),
        (("--chunk-rows", "eight"), "`chunk_rows` must be a whole number of at least 1; got 'eight'."),
        (("--data", "tabel.csv"), "There is no file 'tabel.csv': did you mean 'table.csv'?"),
    ],
)
def test_chunks_that_cannot_be_are_refused(folder, arguments, sentence):
    before = contents(folder)
    code, printed, said = run("generate", "spec.toml", "--out", "result", *arguments)
    assert (code, printed) == (2, "") and sentence in said
    assert contents(folder) == before


def test_another_file_takes_the_place_of_any_table(folder):
    text = SPEC.replace('path = "table.csv"\ntarget = "y"\nrow_id = "id"', 'law = { kind = "two_clusters" }\nrows = 70')
    (folder / "spec.toml").write_text(text)
    frame().drop(columns=["id", "y"]).to_csv(folder / "other.csv", index=False)
    assert run("generate", "spec.toml", "--data", "other.csv", "--out", "result")[0] == 0
    assert len(pd.read_parquet("result/dataset.parquet")) == 30


def test_verify_says_same_or_where_it_differs(folder):
    run("generate", "spec.toml", "--out", "result")
    code, printed, _ = run("verify", "result")
    assert (code, "same" in printed) == (0, True), printed
    path = folder / "result" / "dataset.parquet"
    made = pd.read_parquet(path)
    made.assign(a=made.a + 1).to_parquet(path)
    code, printed, _ = run("verify", "result")
    assert code == 1
    assert "dataset.parquet" in printed


def test_a_table_outside_of_the_folder_needs_set(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "table.csv"
    frame().to_csv(elsewhere, index=False)
    assert run("generate", "spec.toml", "--out", "result", "--set", f"data.path={elsewhere}")[0] == 0
    code, printed, said = run("verify", "result", "--data", str(elsewhere))
    assert code == 0, printed + said


def test_inspect_draws_what_applies_all_or_nothing(folder):
    assert run("generate", "spec.toml", "--out", "result")[0] == 0
    before = contents(folder)
    for wrong, words in (
        (("result", "--row", "row99"), "must be the id of a row"),
        (("nowhere",), "must be the directory of a result"),
        (("result", "--out", "result"), "exists already"),
        (("result", "--data", "spec.toml"), "is not the table of the result"),
    ):
        code, printed, said = run("inspect", *wrong)
        assert (code, printed, "Traceback" in said) == (2, "", False)
        assert words in said
        assert contents(folder) == before
    code, printed, said = run("inspect", "result", "--row", "row7")
    assert (code, said) == (0, "")
    drawn = ["calibration", "entropy", "marginals", "prior_and_posterior", "row", "soft_labels"]
    assert sorted(path.stem for path in (folder / "result-plots").iterdir()) == drawn
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (folder / "result-plots").iterdir())
    for words in ("Nothing speaks against", "result-plots/row.png", "no pairs: ", "no theta: "):
        assert words in printed


@pytest.mark.slow
def test_strict_refuses_a_fit_that_should_not_be_trusted(folder):
    wrong = ("--set", "prior.fit_by=nuts", "--set", "prior.draws=8")
    code, printed, _ = run("generate", "spec.toml", "--out", "result", *wrong)
    assert code == 0
    assert "few effective draws" in " ".join(printed.split())
    assert any("effective" in it for it in json.loads((folder / "result" / "summary.json").read_text())["warnings"])
    code, printed, said = run("generate", "spec.toml", "--out", "strict", "--strict", *wrong)
    assert (code, printed) == (2, "")
    assert "few effective draws" in said
    assert not (folder / "strict").exists()


def test_a_target_standard_error_is_reached(folder):
    code, _, said = run("generate", "spec.toml", "--out", "result", "--target-se", "0.004")
    assert code == 0, said
    made = pd.read_parquet("result/dataset.parquet")
    assert made.filter(like="standard_error").to_numpy().max() <= 0.004


def test_explain_prints_words_and_draws_a_graph(folder):
    code, printed, _ = run("explain", "spec.toml", "--graph", "graph.png")
    assert code == 0
    assert "hidden (sampled)" in printed
    assert (folder / "graph.png").read_bytes().startswith(b"\x89PNG")


def test_list_names_every_kind_and_every_ready_model():
    from synlabel_prob import ground_truth, noise, priors, soft_labels

    printed = run("list")[1]
    for part in (ground_truth, noise, priors, soft_labels):
        for description in part.DESCRIPTIONS:
            assert description.kind in printed or description is ground_truth.PythonFunction
    assert "wine" in printed


def test_a_section_is_listed_with_papers_and_exactness():
    from synlabel_prob import noise

    code, printed, said = run("list", "noise")
    assert (code, said) == (0, "")
    for description in (*noise.DESCRIPTIONS, *noise.WEIGHTS, *noise.DESTINATIONS):
        assert f"  {description.kind} " in printed and description.paper in printed
    assert "Zhu & Wu, 2004; exact" in printed
    assert "soft labels drawn; hard labels exact given their mean" in printed
    assert "kernel_density" not in printed
    code, printed, said = run("list", "nois")
    assert (code, printed) == (2, "") and "did you mean 'noise'?" in said


def test_schema_is_json():
    assert json.loads(run("schema")[1])["properties"]


# --- how fast it answers ------------------------------------------------------------------------------


def answers_within(limit: float, *arguments: str) -> bool:
    """Whether one of five runs takes less processor time than that: other programs share the machine."""
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "synlabel_prob.cli", *arguments], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < limit:
            return True
    return False


@pytest.mark.parametrize("command", [(), *[tuple(name.split()) for name in COMMANDS]])
def test_help_answers_in_half_a_second(command):
    assert answers_within(0.5, *command, "--help")


@pytest.mark.parametrize("arguments", [("list",), ("schema",), ("check", "spec.toml"), ("check", "wine")])
def test_commands_that_run_nothing_answer_in_two_seconds(arguments, folder):
    assert answers_within(2, *arguments)


@pytest.mark.parametrize(
    "arguments", [("--help",), ("list",), ("schema",), ("check", "spec.toml"), ("explain", "spec.toml")]
)
def test_they_import_neither_jax_nor_scikit_learn(arguments, folder):
    script = (
        f"import sys; sys.argv = ['synlabel-prob', *{arguments!r}]\n"
        "from synlabel_prob import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "print('MODULES', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not HEAVY.intersection(done.stdout.partition("MODULES")[2].split())


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_with_an_example(command):
    code, printed, _ = run(*command.split(), "--help")
    assert code == 0
    assert f"Example: synlabel-prob {command}" in printed


def test_nothing_is_drawn_on_a_stderr_that_is_no_terminal(folder):
    command = [sys.executable, "-m", "synlabel_prob.cli", "generate", "spec.toml", "--out", "result"]
    assert subprocess.run(command, capture_output=True, check=True).stderr == b""


# --- killed -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_killed_at_any_moment_it_leaves_the_old_result_or_the_new_one(folder):
    assert run("generate", "spec.toml", "--out", "result")[0] == 0
    assert run("generate", "spec.toml", "--out", "other", "--seed", "9")[0] == 0
    old, new = contents(folder / "result"), contents(folder / "other")
    command = [sys.executable, "-m", "synlabel_prob.cli", "generate", "spec.toml", "--out", "result", "--seed", "9"]
    start = time.perf_counter()
    subprocess.run([*command, "--force"], capture_output=True, check=True)
    whole = time.perf_counter() - start
    for moment in np.random.default_rng(0).uniform(0.3, 1.05, size=10):
        running = subprocess.Popen([*command, "--force"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment * whole)
        running.kill()
        running.wait()
        assert contents(folder / "result") in (old, new), f"killed after {moment:.2f} of a run"
        # The next round starts from the old result again.
        shutil.rmtree(folder / "result")
        assert run("generate", "spec.toml", "--out", "result")[0] == 0
        assert contents(folder / "result") == old
