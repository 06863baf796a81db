"""Tables that installed packages ship, read from their files without importing the packages."""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from .columns import Label
from .errors import InputError


@dataclasses.dataclass(frozen=True)
class ShippedTable:
    """A packaged file and what it does not say: names, and texts for codes from the first code on."""

    description: str
    package: str
    file: str
    columns: tuple[str, ...]
    target: str
    texts: Mapping[str, tuple[int, Sequence[Label]]]
    separator: str = ","
    header_lines: int = 1


def shipped_tables() -> dict[str, str]:
    """Names of the tables that installed packages ship, with a line on each."""
    return {name: shipped.description for name, shipped in SHIPPED.items()}


def shipped_path(name: str) -> Path:
    """The file of one of `SHIPPED`; an `InputError` says what to install where there is none."""
    shipped = SHIPPED[name]
    # Finding a top-level package does not import it: importing scikit-learn's loaders takes seconds.
    found = importlib.util.find_spec(shipped.package)
    folders = list(found.submodule_search_locations or []) if found else []
    if not folders:
        raise InputError(
            f"The table {name!r} comes with {_INSTALLED_AS[shipped.package]}, which is not installed: "
            "run pip install 'synlabel-prob[datasets]'."
        )
    path = Path(folders[0]) / shipped.file
    if not path.is_file():
        raise InputError(
            f"The table {name!r} must be in {shipped.file} of {_INSTALLED_AS[shipped.package]}; it is not: "
            "install the version of the lock file."
        )
    return path


def shipped_frame(name: str) -> pd.DataFrame:
    """The table of that name as it is shipped, with texts for codes; errors as for `shipped_path`."""
    shipped = SHIPPED[name]
    frame = pd.read_csv(
        shipped_path(name),
        sep=shipped.separator,
        skiprows=shipped.header_lines,
        header=None,
        names=list(shipped.columns),
        dtype=np.float64,
    )
    for column, (first_code, texts) in shipped.texts.items():
        codes = frame[column].astype(np.int64) - first_code
        frame[column] = pd.Categorical.from_codes(codes, list(texts), ordered=column != shipped.target)
    if "popul" in frame:
        frame["logpopul"] = np.log(frame["popul"] + 0.1)  # statsmodels derives it in the same way
    return frame


_INSTALLED_AS = {"sklearn": "scikit-learn", "statsmodels": "statsmodels"}

_CELL_MEASURES = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity")
_CELL_MEASURES += ("concave points", "symmetry", "fractal dimension")
_WINE_MEASURES = ("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols")
_WINE_MEASURES += ("flavanoids", "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue")
_WINE_MEASURES += ("od280/od315_of_diluted_wines", "proline")
_IRIS_MEASURES = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
_PARTIES = ("Strong Democrat", "Weak Democrat", "Independent-Democrat", "Independent-Independent")
_PARTIES += ("Independent-Republican", "Weak Republican", "Strong Republican")
_LEANINGS = ("Extremely liberal", "Liberal", "Slightly liberal", "Moderate")
_LEANINGS += ("Slightly conservative", "Conservative", "Extremely conservative")
_EDUCATION = ("1-8 grades", "Some high school", "High school graduate", "Some college", "College degree")
_EDUCATION += ("Master's degree", "PhD")
_INCOME_STEPS = (3, 5, 7, 9, 10, 11, 12, 13, 14, 15, 17, 20, 22, 25, 30, 35, 40, 45, 50, 60, 75, 90, 105)
_INCOME = ("None or less than $2,999",)
_INCOME += tuple(f"${low},000-${high - 1},999" for low, high in itertools.pairwise(_INCOME_STEPS))
_INCOME += ("$105,000 and over",)

SHIPPED = {
    "wine": ShippedTable(
        "178 wines of 3 cultivars, 13 chemical measurements (scikit-learn)",
        "sklearn",
        "datasets/data/wine_data.csv",
        (*_WINE_MEASURES, "cultivar"),
        "cultivar",
        {"cultivar": (0, ("class_0", "class_1", "class_2"))},
    ),
    "breast_cancer": ShippedTable(
        "569 tumours, malignant or benign, 30 measurements of cell nuclei (scikit-learn)",
        "sklearn",
        "datasets/data/breast_cancer.csv",
        (
            *(f"mean {measure}" for measure in _CELL_MEASURES),
            *(f"{measure} error" for measure in _CELL_MEASURES),
            *(f"worst {measure}" for measure in _CELL_MEASURES),
            "diagnosis",
        ),
        "diagnosis",
        {"diagnosis": (0, ("malignant", "benign"))},
    ),
    "iris": ShippedTable(
        "150 irises of 3 species, 4 lengths (scikit-learn)",
        "sklearn",
        "datasets/data/iris.csv",
        (*_IRIS_MEASURES, "species"),
        "species",
        {"species": (0, ("setosa", "versicolor", "virginica"))},
    ),
    "digits": ShippedTable(
        "1797 handwritten digits of 8 x 8 pixels (scikit-learn)",
        "sklearn",
        "datasets/data/digits.csv.gz",
        (*(f"pixel_{row}_{column}" for row in range(8) for column in range(8)), "digit"),
        "digit",
        {"digit": (0, tuple(range(10)))},
        header_lines=0,
    ),
    "anes96": ShippedTable(
        "944 voters of 1996, Clinton or Dole, numbers and ordered answers (statsmodels)",
        "statsmodels",
        "datasets/anes96/anes96.csv",
        ("popul", "TVnews", "selfLR", "ClinLR", "DoleLR", "PID", "age", "educ", "income", "vote"),
        "vote",
        {
            "selfLR": (1, _LEANINGS),
            "ClinLR": (1, _LEANINGS),
            "DoleLR": (1, _LEANINGS),
            "PID": (0, _PARTIES),
            "educ": (1, _EDUCATION),
            "income": (1, _INCOME),
            "vote": (0, ("Clinton", "Dole")),
        },
        separator="\t",
    ),
}
