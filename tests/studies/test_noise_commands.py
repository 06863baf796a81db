"""The commands `study noise` and `study injection`, end to end."""

from __future__ import annotations

import pandas as pd
import pytest
from test_cli import contents, run


@pytest.mark.slow
def test_noise_beside_hidden_features(folder):
    arguments = ("study", "noise", "spec.toml", "--out", "result", "--repeats", "1", "--steps", "1-2")
    code, printed, said = run(*arguments)
    assert (code, said) == (0, "")
    assert sorted(path.name for path in (folder / "result").iterdir()) == ["curves.parquet", "curves.png"]
    assert pd.read_parquet("result/curves.parquet")["source"].tolist() == ["hidden features", "NCAR", "NAR"] * 2
    for words in ("table.csv, the first features hidden", "NCAR", "one run", "written to result"):
        assert words in printed
    first = contents(folder / "result")
    assert run(*arguments, "--force")[0] == 0
    assert contents(folder / "result") == first


def test_exact_and_sampled_injection(folder):
    arguments = ("study", "injection", "spec.toml", "--out", "result", "--repeats", "2", "--rates", "0.1,0.2")
    code, printed, said = run(*arguments)
    assert (code, said) == (0, "")
    made = pd.read_parquet("result/curves.parquet")
    assert set(made["noise"]) == {"symmetric"} and set(made["rate"]) == {0.1, 0.2}
    for words in ("1 hidden feature", "symmetric", "exact, to soft", "means of 2 repeats", "written to result"):
        assert words in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("injection", "--rates", "0.1,2"), "--rates must be numbers from 0 to 1 such as 0.1,0.2; got '0.1,2'"),
        (("injection", "--rates", "many"), "--rates must be numbers"),
        (("injection", "--repeats", "0"), "`repeats` must be a whole number of at least 1; got 0"),
        (("noise", "--repeats", "0"), "`repeats` must be a whole number of at least 1; got 0"),
        (("noise", "--prior", "gausian"), "did you mean 'gaussian'"),
    ],
)
def test_wrong_input_is_said_in_a_sentence_and_nothing_is_written(arguments, said, folder):
    before = contents(folder)
    command, *options = arguments
    code, printed, told = run("study", command, "spec.toml", *options, "--out", "result")
    assert (code, printed) == (2, "")
    assert said in told and "Traceback" not in told
    assert contents(folder) == before
