"""A table of wrong inputs: what a user did, and what the command has to say about it."""

from __future__ import annotations

import dataclasses
import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

SPEC = """\
seed = 3
hidden = ["b"]

[data]
path = "table.csv"
target = "y"
row_id = "id"

[ground_truth]
kind = "linear"
weights = { no = {}, yes = { a = 1.0, b = 1.0 } }

[prior]
kind = "gaussian_regression"

[[noise]]
kind = "symmetric"
rate = 0.1

[soft_labels]
draws = 64
"""


def frame(rows: int = 30) -> pd.DataFrame:
    random = np.random.default_rng(0)
    made = pd.DataFrame(random.normal(size=(rows, 3)).round(3), columns=["a", "b", "c"])
    made.insert(0, "id", [f"row{number}" for number in range(rows)])
    return made.assign(y=np.where(made.a + made.b > 0, "yes", "no"))


@dataclasses.dataclass(frozen=True)
class Case:
    """`said` is a regular expression; `prepare` changes the folder that holds spec.toml and table.csv."""

    said: str
    prepare: Callable[[Path], None] = lambda folder: None
    arguments: tuple[str, ...] = ()
    fails: Callable | None = None


def spec(said: str, *changes: tuple[str, str]) -> Case:
    """The spec with some text replaced."""

    def prepare(folder: Path) -> None:
        text = SPEC
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (folder / "spec.toml").write_text(text)

    return Case(said, prepare)


def table(said: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Case:
    """The table changed as a frame."""
    return Case(said, lambda folder: change(frame()).to_csv(folder / "table.csv", index=False))


def text(said: str, change: Callable[[str], str]) -> Case:
    """The table changed as text."""
    return Case(said, lambda folder: (folder / "table.csv").write_text(change(frame().to_csv(index=False))))


def content(said: str, name: str, made: bytes, *changes: tuple[str, str]) -> Case:
    """A file of these bytes."""

    def prepare(folder: Path) -> None:
        spec(said, *changes).prepare(folder)
        (folder / name).write_bytes(made)

    return Case(said, prepare)


def options(said: str, *arguments: str, prepare: Callable[[Path], None] = lambda folder: None) -> Case:
    """Options of the command."""
    return Case(said, prepare, arguments)


def _cell(place: int, name: str, value) -> Callable:
    def change(made: pd.DataFrame) -> pd.DataFrame:
        made = made.astype({name: object})
        made.loc[place, name] = value
        return made

    return change


def _parquet_cut_short() -> bytes:
    return frame().to_parquet()[:200]


def _full_disk(*arguments, **options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


RULE = '[ground_truth]\nkind = "rules"\notherwise = "no"\nwhen = { yes = "%s" }\n'
LINEAR = SPEC[SPEC.index("[ground_truth]") : SPEC.index("[prior]")]
NOISE = 'kind = "symmetric"\nrate = 0.1'
PATH = 'path = "table.csv"'


def rule(said: str, condition: str) -> Case:
    return spec(said, (LINEAR, RULE % condition))


def noise(said: str, written: str) -> Case:
    return spec(said, (NOISE, written))


FOUND_WHEN_FITTING = {"estimator that cannot predict"}
"""What `check` cannot see, because it does not import scikit-learn."""

CASES: dict[str, Case] = {
    # the table's file
    "table missing": spec(r"tabel\.csv.*table\.csv", (PATH, 'path = "tabel.csv"')),
    "table empty": content(r"empty", "table.csv", b""),
    "table binary": content(r"text|UTF-8|binary", "table.csv", bytes(range(256)) * 4),
    "table header only": text(r"row", lambda made: made.splitlines()[0] + "\n"),
    "table cut short in a row": text(
        r"(line|row) 31", lambda made: made[: made.rindex(",", 0, made.rindex(","))] + "\n"
    ),
    "parquet cut short": content(r"Parquet", "t.parquet", _parquet_cut_short(), (PATH, 'path = "t.parquet"')),
    "parquet that is text": content(r"Parquet", "t.parquet", b"a,b\n1,2\n", (PATH, 'path = "t.parquet"')),
    "ragged row": text(r"(line|row) 3\b", lambda made: made.replace("\nrow1,", "\nrow1,9,9,9,9,", 1)),
    "duplicate column": text(r"'a' more than once", lambda made: made.replace("id,a,b,c,y", "id,a,a,c,y", 1)),
    "wrong separator": spec(r"separator", (PATH, PATH + '\nseparator = ";"')),
    "path climbs": spec(r"--set data\.path", (PATH, 'path = "../table.csv"')),
    "path absolute": spec(r"--set data\.path", (PATH, 'path = "/tmp/table.csv"')),
    "path is a folder": content(r"folder|directory", "x", b"", (PATH, 'path = "."')),
    # what is in it
    "duplicate row ids": table(r"row0", _cell(1, "id", "row0")),
    "hidden constant": table(r"'b'.*constant", lambda made: made.assign(b=1.0)),
    "infinite value": table(r"'a'.*infinite", _cell(2, "a", "inf")),
    "missing feature value": table(r"missing values.*\ba\b", _cell(2, "a", None)),
    "text among numbers": table(r"'a'", _cell(2, "a", "unknown")),
    "one class to learn from": Case(
        r"at least two classes; all rows have 'yes'",
        lambda folder: (
            frame().assign(y="yes").to_csv(folder / "table.csv", index=False),
            spec("", (LINEAR, '[ground_truth]\nkind = "learned"\nestimator = "LogisticRegression"\n')).prepare(folder),
        )[0],
    ),
    "target with missing values": table(r"'y' must have a label in every row", _cell(4, "y", None)),
    "target that is not there": spec(r"'yy'.*did you mean 'y'", ('target = "y"', 'target = "yy"')),
    "row id that is not there": spec(r"'idd'.*did you mean 'id'", ('row_id = "id"', 'row_id = "idd"')),
    # what is hidden
    "hidden unknown": spec(r"'bb'.*did you mean 'b'", ('hidden = ["b"]', 'hidden = ["bb"]')),
    "more hidden than there are": spec(r"'d'", ('hidden = ["b"]', 'hidden = ["a", "b", "c", "d"]')),
    "all hidden, conditional": spec(r"keep at least one", ('hidden = ["b"]', 'hidden = ["a", "b", "c"]')),
    "hidden twice": spec(r"'b' twice", ('hidden = ["b"]', 'hidden = ["b", "b"]')),
    "nothing hidden": spec(r"at least one feature", ('hidden = ["b"]', "hidden = []")),
    "hidden left out": spec(r"`hidden` is missing", ('hidden = ["b"]', "")),
    # keys
    "unknown key at the top": spec(r"`sead`.*did you mean 'seed'", ("seed = 3", "sead = 3")),
    "unknown key in data": spec(r"`data\.targt`.*did you mean 'target'", ("target =", "targt =")),
    "unknown key in a prior": spec(r"`prior\.fit_bye`.*'fit_by'", ('regression"', 'regression"\nfit_bye = "exact"')),
    "unknown key in noise": noise(r"`noise.*\.includes`.*'includes_true'", NOISE + "\nincludes = true"),
    "unknown section": spec(r"`soft_label`.*did you mean 'soft_labels'", ("[soft_labels]", "[soft_label]")),
    "unknown prior": spec(r"'gausian_regression'.*did you mean 'gaussian_regression'", ("gaussian_", "gausian_")),
    "unknown noise": noise(r"'symetric'.*did you mean 'symmetric'", 'kind = "symetric"\nrate = 0.1'),
    "kind left out": spec(r"`prior`.*kind", ('kind = "gaussian_regression"', "")),
    "python object": spec(r"Python", (LINEAR, '[ground_truth]\nkind = "python_function"\nfunction = "os.system"\n')),
    "estimator not on the list": spec(
        r"'RandomForrestClassifier'.*did you mean 'RandomForestClassifier'",
        (LINEAR, '[ground_truth]\nkind = "learned"\nestimator = "RandomForrestClassifier"\n'),
    ),
    # numbers
    "rate above 1": noise(r"rate.*from 0 to 1.*1\.5", 'kind = "symmetric"\nrate = 1.5'),
    "rate negative": noise(r"rate.*from 0 to 1.*-0\.1", 'kind = "symmetric"\nrate = -0.1'),
    "rate text": noise(r"rate.*'much'", 'kind = "symmetric"\nrate = "much"'),
    "rate not a number": noise(r"rate.*nan", 'kind = "symmetric"\nrate = nan'),
    "matrix not square": noise(r"as many columns as rows", 'kind = "matrix"\ntransition = [[0.9, 0.1]]'),
    "matrix rows off": noise(r"sum to 1", 'kind = "matrix"\ntransition = [[0.9, 0.2], [0.0, 1.0]]'),
    "matrix transposed": noise(r"transpose", 'kind = "matrix"\ntransition = [[0.9, 0.2], [0.1, 0.8]]'),
    "matrix of another size": noise(r"2 x 2", 'kind = "matrix"\ntransition = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]'),
    "two nodes of one name": noise(r"two nodes called 'symmetric'", NOISE + "\n\n[[noise]]\n" + NOISE),
    "noise on a hidden feature": noise(
        r"`feature_noise\.swapped\.features` names 'b', which is hidden.*leave it out",
        NOISE + '\n\n[[feature_noise]]\nkind = "swapped"\nrate = 0.1\nfeatures = ["a", "b"]',
    ),
    "two noises on features of one name": noise(
        r"`feature_noise` has two parts called 'rounded'",
        NOISE + '\n\n[[feature_noise]]\nkind = "rounded"\nsteps = 3' * 2,
    ),
    "node named like a dimension": noise(r"'class'.*another `name`", NOISE + '\nname = "class"'),
    "margin without probabilities": spec(
        r"soft_label",
        (LINEAR, RULE % "a > 0"),
        (NOISE, 'kind = "flips"\nrate = 0.1\nmore_often = { kind = "by_margin" }'),
    ),
    "estimator that cannot predict": spec(
        r"n_neighbors|neighbors",
        (
            LINEAR,
            '[ground_truth]\nkind = "learned"\nestimator = "KNeighborsClassifier"\nparameters = { n_neighbors = 99 }\n',
        ),
    ),
    "bandwidth of nothing": spec(
        r"bandwidth` must be at least 1e-12 or", ('"gaussian_regression"', '"kernel_density"\nbandwidth = 1e-300')
    ),
    "a scale beyond measure": spec(
        r"coefficient_scale` must be at most", ('regression"', 'regression"\ncoefficient_scale = 1e300')
    ),
    "a billion bins": spec(r"bins` must be at most", ('"gaussian_regression"', '"histogram"\nbins = 1000000000')),
    "noise that is a number": options(r"noise", "spec.toml", "--set", "noise=3"),
    "truth values with a gap": table(r"missing", lambda made: made.assign(c=[True, False, None] * 10)),
    # expressions
    "expression calls a function": rule(r"__import__", "__import__('os') == 1"),
    "expression divides by zero": rule(r"divi", "a / (b - b) > 1"),
    "expression names no feature": rule(r"'bbb'", "bbb > 1"),
    "expression broken off": rule(r"when\.yes", "a > "),
    # the spec's file
    "spec missing": options(r"wins\.toml", "wins.toml"),
    "spec empty": content(r"spec\.toml", "spec.toml", b""),
    "spec binary": Case(r"spec\.toml", lambda folder: (folder / "spec.toml").write_bytes(b"\xff\xfe\x00") and None),
    "spec no TOML": Case(r"line 1", lambda folder: (folder / "spec.toml").write_text("seed = = 1") and None),
    "spec is a folder": options(r"folder|directory", "."),
    # options
    "draws zero": options(r"draws.*at least 1.*0", "spec.toml", "--draws", "0"),
    "draws negative": options(r"draws.*-5", "spec.toml", "--draws", "-5"),
    "draws and target": options(r"exclude each other", "spec.toml", "--draws", "50", "--target-se", "0.1"),
    "target of zero": options(r"target_standard_error.*above 0", "spec.toml", "--target-se", "0"),
    "seed no integer": options(r"seed.*three", "spec.toml", "--seed", "three"),
    "seed negative": options(r"seed.*-1", "spec.toml", "--seed", "-1"),
    "set without a value": options(r"key=value|KEY=VALUE", "spec.toml", "--set", "seed"),
    "set of an unknown key": options(r"did you mean 'prior'", "spec.toml", "--set", "priors.kind=uniform"),
    "set of an unknown node": options(r"symmetric", "spec.toml", "--set", "noise.symetric.rate=0.1"),
    # where the result goes
    "result is a file": options(
        r"result.*file", "spec.toml", prepare=lambda folder: (folder / "result").write_text("mine") and None
    ),
    "result is there": options(r"--force", "spec.toml", prepare=lambda folder: (folder / "result").mkdir()),
    "result cannot be written": options(r"cannot|not", "spec.toml", "--out", "/proc/nothing/result"),
    "disk full": Case(r"No space left|full", fails=_full_disk),
}
