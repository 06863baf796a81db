"""Tables that installed packages ship are those that the packages load, and none is imported for it."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synlabel_prob.errors import InputError
from synlabel_prob.sources import Data, data_path, file_sha256, read_frame, read_table, shipped_tables


def refused(name: str, sentence: str) -> None:
    for reading in (read_frame, data_path):
        with pytest.raises(InputError, match=sentence) as caught:
            reading(Data(table=name))
        assert "\n" not in str(caught.value)


def test_every_shipped_table_is_described():
    assert list(shipped_tables()) == ["wine", "breast_cancer", "iris", "digits", "anes96"]
    for name, text in shipped_tables().items():
        table = read_table(Data(table=name))
        assert text.startswith(f"{table.num_rows} ") and "\n" not in text
        assert table.missing() == () and set(table.target) == set(range(table.num_classes))


@pytest.mark.parametrize(
    ("name", "target"),
    [("wine", "cultivar"), ("breast_cancer", "diagnosis"), ("iris", "species"), ("digits", "digit")],
)
def test_tables_of_scikit_learn_are_those_that_it_loads(name, target):
    from sklearn import datasets

    loaded = getattr(datasets, f"load_{name}")(as_frame=True)
    table = read_table(Data(table=name))
    assert table.target_name == target
    pd.testing.assert_frame_equal(table.to_frame(), loaded.data)
    np.testing.assert_array_equal(table.target, loaded.target)
    assert table.classes == tuple(loaded.target_names.tolist())
    assert {column.kind for column in table.columns} == {"continuous"}


def anes96():
    from statsmodels.datasets import anes96 as module

    return module


def test_anes96_is_what_statsmodels_loads():
    loaded = anes96().load_pandas().data
    frame = read_frame(Data(table="anes96"))
    assert list(frame) == list(loaded)
    for name in frame:
        first = 1 if name in ("selfLR", "ClinLR", "DoleLR", "educ", "income") else 0
        values = frame[name].cat.codes + first if isinstance(frame[name].dtype, pd.CategoricalDtype) else frame[name]
        np.testing.assert_array_equal(values, loaded[name], err_msg=name)
    table = read_table(Data(table="anes96"))
    assert (table.target_name, table.classes) == ("vote", ("Clinton", "Dole"))
    ordinal = {column.name for column in table.columns if column.kind == "ordinal"}
    assert ordinal == {"selfLR", "ClinLR", "DoleLR", "PID", "educ", "income"}


def test_texts_of_anes96_are_those_of_the_codebook():
    def normal(text: str) -> str:
        # The codebook is not consistent in dollar signs, capitals and one decimal point.
        return re.sub("[ $]", "", text.lower()).replace(".", ",")

    books: list[dict[int, str]] = []
    for code, text in re.findall(r"^\s+(\d+)\s+-\s+(.*)$", anes96().NOTE, flags=re.MULTILINE):
        if not books or int(code) <= max(books[-1]):
            books.append({})
        books[-1][int(code)] = normal(text)
    frame = read_frame(Data(table="anes96"))
    owners = (["PID"], ["educ"], ["income"], ["vote"], ["selfLR", "ClinLR", "DoleLR"])
    assert len(books) == len(owners)
    for book, names in zip(books, owners, strict=True):
        for name in names:
            assert [normal(text) for text in frame[name].cat.categories] == list(book.values()), name


def test_a_shipped_table_can_be_changed():
    data = Data(
        table="anes96",
        target="PID",
        drop=("popul", "vote"),
        rename={"educ": "education"},
        kinds={"education": "categorical"},
    )
    table = read_table(data)
    assert table.num_classes == 7 and table.classes[0] == "Strong Democrat"
    assert table.column("education").kind == "categorical" and "logpopul" in table.feature_names
    assert read_table(Data(table="iris", drop=("species",))).target is None
    assert read_table(Data(table="iris", rename={"species": "kind"})).target_name == "kind"
    assert read_table(Data(table="anes96", target="PID")).column("vote").kind == "categorical"
    data = Data(table="iris", labels={"species": {"setosa": "a", "versicolor": "b", "virginica": "b"}})
    assert read_table(data).classes == ("a", "b")


@pytest.mark.parametrize("name", ["wine", "anes96"])
def test_a_package_that_is_not_installed(monkeypatch, name):
    monkeypatch.setattr(importlib.util, "find_spec", lambda package: None)
    sentence = r"comes with (scikit-learn|statsmodels), which is not installed: .*'synlabel-prob\[datasets\]'"
    refused(name, sentence)


def test_a_package_that_moved_its_files(monkeypatch):
    monkeypatch.setattr(Path, "is_file", lambda path: False)
    refused("wine", "must be in datasets/data/wine_data.csv of scikit-learn; it is not")


def test_the_file_of_a_shipped_table_has_a_hash():
    assert len(file_sha256(data_path(Data(table="wine")))) == 64


def test_reading_imports_nothing_slow():
    program = (
        "import sys; from synlabel_prob.sources import Data, read_table, shipped_tables\n"
        "for name in shipped_tables(): read_table(Data(table=name))\n"
        "slow = {'jax', 'numpyro', 'sklearn', 'statsmodels', 'arviz', 'scipy', 'equinox'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
