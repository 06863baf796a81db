"""Tables are read from files; what cannot be read gets one sentence."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synlabel_prob import feature_laws as f
from synlabel_prob.errors import InputError
from synlabel_prob.sources import Data, data_path, file_sha256, read_frame, read_table

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

CSV = "id,x,colour,type\n007,1.5,red,0\n008,2.5,,1\n009,0.1,blue,1\n"


def write(folder: Path, content: str | bytes, name: str = "table.csv") -> str:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def refused(data: Data, folder: Path, sentence: str) -> str:
    with pytest.raises(InputError, match=sentence) as caught:
        read_frame(data, folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- the description --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "exactly one of `table`, `path` and `law`; got none"),
        ({"table": "wine", "path": "a.csv"}, "exactly one of `table`, `path` and `law`; got `table` and `path`"),
        ({"table": "wine", "law": f.Parabola()}, "exactly one of `table`, `path` and `law`; got `table` and `law`"),
        ({"table": "wine", "rows": 9, "seed": 2}, "`rows` and `seed` are for a table that `law` draws"),
        ({"law": f.Parabola(), "target": "h"}, "`target` is for a table that is read"),
        ({"law": f.Parabola(), "rows": 0}, "`rows` must be at least 1; got 0"),
        ({"law": f.Parabola(), "seed": 2**32}, "`seed` must be below"),
        ({"table": "wime"}, "`table` is 'wime', which is not shipped: did you mean 'wine'?"),
        ({"table": "wine", "separator": ";"}, "`separator` and `header` are for a CSV file"),
        ({"table": "wine", "header": False}, "`separator` and `header` are for a CSV file"),
        ({"path": "a.csv", "separator": ";;"}, "`separator` must be one character, such as ';'; got ';;'"),
        ({"path": "a.csv", "separator": ""}, "`separator` must be one character"),
        ({"path": "a.csv", "separator": '"'}, "`separator` must be one character"),
        ({"path": "a.csv", "separator": "\n"}, "`separator` must be one character"),
        ({"path": "a.csv", "seperator": ";"}, "`seperator` is not known: did you mean 'separator'?"),
        ({"path": 3}, "`path` must be"),
        ({"path": "a.csv", "kinds": ["x"]}, "`kinds` must be"),
        ({"path": "a.csv", "drop": "x"}, "`drop` must be"),
        ({"path": "a\0.csv"}, "`path` must be a file name"),
    ],
)
def test_a_description_that_cannot_be(fields, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        Data(**fields)


def test_a_description_is_a_value():
    fields = {"path": "a.csv", "classes": [True, 1, 1.5, "1"], "levels": {"x": ["lo", "hi"]}, "drop": ["y"]}
    data = Data(**fields)
    assert data == Data(**fields) and eval(repr(data)) == data
    assert data.classes == (True, 1, 1.5, "1") and [type(label) for label in data.classes] == [
        bool,
        int,
        float,
        str,
    ]
    with pytest.raises(AttributeError):
        data.path = "b.csv"  # type: ignore[misc]


# --- CSV --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "fields"),
    [
        ("t.csv", CSV, {}),
        ("t.CSV", CSV, {}),
        ("t.txt", CSV, {}),
        ("t.csv", CSV.replace(",", ";"), {"separator": ";"}),
        ("t.tsv", CSV.replace(",", "\t"), {}),
        ("t.txt", CSV.replace(",", "\t"), {"separator": "\t"}),
        ("t.csv", CSV.replace("\n", "\r\n"), {}),
        ("t.csv", "\ufeff" + CSV, {}),
        ("t.csv", "\n\n" + CSV.replace("\n", "\n\n"), {}),
        ("t.csv", CSV.rstrip("\n"), {}),
        ("t.csv", CSV.replace("red", '"red"'), {}),
        ("t.csv.gz", gzip.compress(CSV.encode(), mtime=0), {}),
        ("t.tsv.gz", gzip.compress(CSV.replace(",", "\t").encode(), mtime=0), {}),
    ],
)
def test_csv_in_its_many_forms(tmp_path, name, content, fields):
    frame = read_frame(Data(path=write(tmp_path, content, name), row_id="id", **fields), tmp_path)
    expected = pd.DataFrame(
        {
            "id": ["007", "008", "009"],
            "x": [1.5, 2.5, 0.1],
            "colour": ["red", None, "blue"],
            "type": [0, 1, 1],
        }
    )
    pd.testing.assert_frame_equal(frame, expected)


def test_a_csv_becomes_a_table(tmp_path):
    data = Data(
        path=write(tmp_path, CSV),
        target="label",
        row_id="id",
        rename={"type": "label"},
        labels={"label": {"1": "yes", "0": "no", "2": "maybe"}},
        levels={"colour": ("red", "green", "blue")},
        kinds={"colour": "ordinal"},
    )
    table = read_table(data, tmp_path)
    assert table.feature_names == ("x", "colour")
    assert table.column("colour").levels == ("red", "green", "blue")
    assert (table.classes, table.target.tolist()) == (("yes", "no", "maybe"), [1, 0, 0])
    assert table.row_ids.tolist() == ["007", "008", "009"]
    assert read_table(Data(path="table.csv", drop=("id", "type")), tmp_path).target is None


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["1", "20", "-3"], [1, 20, -3]),
        (["1", "2", "03"], ["1", "2", "03"]),
        (["a", "1", "2"], ["a", "1", "2"]),
        (["1.0", "2", "3"], ["1.0", "2", "3"]),
        (["1", "2", "9" * 30], ["1", "2", "9" * 30]),
    ],
)
def test_row_ids_in_a_file_stay_as_written(tmp_path, ids, expected):
    content = "key,x\n" + "".join(f"{row_id},{row}\n" for row, row_id in enumerate(ids))
    table = read_table(Data(path=write(tmp_path, content), row_id="id", rename={"key": "id"}), tmp_path)
    assert table.row_ids.tolist() == expected


def test_columns_without_names_are_numbered(tmp_path):
    name = write(tmp_path, "1.5,a\n2.5,b\n")
    assert list(read_frame(Data(path=name, header=False), tmp_path)) == ["column_0", "column_1"]
    table = read_table(Data(path=name, header=False, target="kind", rename={"column_1": "kind"}), tmp_path)
    assert (table.num_rows, table.classes) == (2, ("a", "b"))
    name = write(tmp_path, "\ufeff1.5,a\n2.5,b\n")
    assert read_table(Data(path=name, header=False), tmp_path).column("column_0").kind == "continuous"
    name = write(tmp_path, ",x\n0,1.5\n1,2.5\n")
    assert list(read_frame(Data(path=name), tmp_path)) == ["column_0", "x"]
    name = write(tmp_path, "0,1,2\n0.5,1.5,3\n1.5,2.5,4\n")
    assert list(read_frame(Data(path=name), tmp_path)) == ["0", "1", "2"]


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 2), min_size=1, max_size=5))
def test_numbers_in_a_file_are_read_exactly(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("exact")
    name = write(folder, "a,b\n" + "".join(f"{a!r},{b:.25e}\n" for a, b in rows))
    np.testing.assert_array_equal(read_table(Data(path=name), folder).features, rows)


BROKEN_CSV = {
    "empty": ("", {}, "must hold a table; it is empty"),
    "blank": ("\n \n", {}, "must hold a table; it is empty"),
    "short row": (
        "a,b,c\n1,2,3\n4,5\n",
        {},
        "Every line of 'table.csv' must have 3 fields like the first; line 3 has 2: correct the file",
    ),
    "short rows": ("a,b,c\n1,2\n4,5,6\n1\n", {}, "line 2 has 2, and so in 1 more: correct the file"),
    "long row": ("a,b\n1,2\n4,5,6\n", {}, "must have 2 fields like the first; line 3 has 3"),
    "first row long": (
        "a,b\n1,2,3\n4,5,6\n",
        {},
        "must have 2 fields like the first; line 2 has 3, and so in 1",
    ),
    "short row without header": ("1,2.5,3\n4,5\n", {"header": False}, "must have 3 fields.*line 2 has 2"),
    "cut off": ("a,b\n1,2\n3", {}, "must have 2 fields like the first; line 3 has 1"),
    "wrong separator": (
        "a;b;c\n1;2;3\n",
        {},
        "Separator ',' finds only one column in 'table.csv': set `separator` to ';', which finds 3",
    ),
    "tabs": ("a\tb\n1\t2\n", {}, "set `separator` to '\\\\t', which finds 2"),
    "commas": (
        "a,b\n1,2\n",
        {"separator": ";"},
        "Separator ';' finds only one column.*set `separator` to ','",
    ),
    "decimal commas": ("a;b\n1,5;2\n2;3,5\n", {}, "line 2 has 2.*set `separator` to ';', which finds 2"),
    "duplicate names": ("x,y,x\n1,2,3\n", {}, "Column names must differ; 'table.csv' has 'x' more than once"),
    "no names": ("1.5,2,3\n4,5,6\n", {}, "first line of 'table.csv' must be names; it has numbers"),
    "no names, repeated": ("1,1,3\n4,5,6\n", {}, "set `header` to false"),
    "open quote": ('a,b\n1,"x\n3,4\n', {}, "is no CSV at line 3, unexpected end of data"),
    "text after a quote": ('a,b\n1,"x"y\n', {}, "is no CSV at line 2"),
    "latin-1": ("a,b\n1,x\n2,caf\u00e9\n".encode("latin-1"), {}, "line 3 is in another encoding"),
    "utf-16": (CSV.encode("utf-16"), {}, "it is binary or UTF-16"),
    "binary": (bytes(range(256)), {}, "it is binary or UTF-16"),
    "gzip": (gzip.compress(b"a,b\n1,2\n", mtime=0), {}, "is compressed with gzip: name it .csv.gz"),
    "spreadsheet": (b"PK\x03\x04 and so on", {}, "is a spreadsheet or a zip archive: save the table as CSV"),
    "parquet": (b"PAR1 and so on PAR1", {}, "is a Parquet file: name it .parquet"),
    "stray mark": (
        "a,b\n1.5,x\n?,y\n2.5,x\n",
        {},
        "'a' must be numbers or text; it is numbers but '\\?' in data row 2: leave that",
    ),
    "decimal comma": (
        "a;b\n1,5;x\n2,5;y\n",
        {"separator": ";"},
        "'a' must have decimal points; it has commas",
    ),
    "rename of no column": ("alpha,b\n1,2\n", {"rename": {"alfa": "c"}}, "`rename` names 'alfa'.*'alpha'?"),
    "labels of no column": (
        "alpha,b\n1,2\n",
        {"labels": {"alfa": {"1": "x"}}},
        "`labels` names 'alfa'.*'alpha'?",
    ),
    "code without label": (
        "a,b\n1,2\n3,2\n",
        {"labels": {"a": {"1": "x"}}},
        "`labels` of 'a' must have a text for every code; it lacks 3",
    ),
}


@pytest.mark.parametrize(("content", "fields", "sentence"), BROKEN_CSV.values(), ids=BROKEN_CSV.keys())
def test_broken_csv_in_one_sentence(tmp_path, content, fields, sentence):
    message = refused(Data(path=write(tmp_path, content), **fields), tmp_path, sentence)
    assert str(tmp_path) not in message


@pytest.mark.parametrize(
    "fields", [{"kinds": {"a": "categorical"}}, {"target": "a"}, {"drop": ("a",)}, {"row_id": "a"}]
)
def test_nearly_numbers_are_text_where_the_user_says_so(tmp_path, fields):
    name = write(tmp_path, "a,b\n1.5,1\n?,2\n2.5,3\n")
    assert read_frame(Data(path=name, **fields), tmp_path)["a"].tolist() == ["1.5", "?", "2.5"]


def test_header_without_rows(tmp_path):
    with pytest.raises(InputError, match="must have at least one row"):
        read_table(Data(path=write(tmp_path, "id,a\n"), row_id="id"), tmp_path)


def test_rename_cannot_make_two_columns_one(tmp_path):
    with pytest.raises(InputError, match="`rename` must keep names different; 2 columns are now 'b'"):
        read_table(Data(path=write(tmp_path, "a,b\n1,2\n"), rename={"a": "b"}), tmp_path)


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], b"\x1f\x8b"])
def test_broken_gzip(tmp_path, content):
    refused(
        Data(path=write(tmp_path, content, "t.csv.gz")),
        tmp_path,
        "must be a complete gzip file; unpacking says",
    )


def test_empty_gzip(tmp_path):
    refused(Data(path=write(tmp_path, b"", "t.csv.gz")), tmp_path, "'t.csv.gz' must hold a table; it is empty")
    refused(Data(path=write(tmp_path, gzip.compress(b"", mtime=0), "t.csv.gz")), tmp_path, "it is empty")


@pytest.mark.parametrize(
    ("codes", "texts"),
    [
        (["0", "1", "0"], {"0": "no", "1": "yes"}),
        (["0.0", "1.0", ""], {"0": "no", "1": "yes"}),
        (["00", "01", "00"], {"0": "no", "01": "yes"}),
        (["n", "y", "n"], {"n": "no", "y": "yes"}),
        (["True", "False", "True"], {"True": "no", "False": "yes"}),
        (["1.5", "2.5", "1.5"], {"1.5": "no", "2.5": "yes"}),
        (["1", "2", "3"], {"1": "no", "2": "yes", "3": "no"}),
    ],
)
@pytest.mark.parametrize("kind", [None, "ordinal", "categorical"])
def test_labels_give_texts_and_their_order(tmp_path, codes, texts, kind):
    content = "x,code\n" + "".join(f"{row},{code}\n" for row, code in enumerate(codes))
    kinds = {} if kind is None else {"code": kind}
    data = Data(path=write(tmp_path, content), labels={"code": texts}, kinds=kinds)
    column = read_table(data, tmp_path).column("code")
    assert (column.kind, column.levels) == (kind or "categorical", ("no", "yes"))
    expected = ["no", "yes", np.nan if codes[2] == "" else "no"]
    pd.testing.assert_series_equal(
        read_frame(data, tmp_path)["code"],
        pd.Series(pd.Categorical(expected, ["no", "yes"], ordered=kind == "ordinal"), name="code"),
    )


# --- Parquet ----------------------------------------------------------------------------------------


def parquet(folder: Path, frame: pd.DataFrame, name: str = "t.parquet") -> Path:
    frame.to_parquet(folder / name)
    return folder / name


def test_parquet_keeps_types(tmp_path):
    frame = pd.DataFrame(
        {
            "x": [1.5, np.nan],
            "size": pd.Categorical(["S", "L"], ["S", "M", "L"], ordered=True),
            "text": ["a", None],
            "flag": [True, False],
            "y": [2, 1],
        }
    )
    parquet(tmp_path, frame, "t.pq")
    pd.testing.assert_frame_equal(read_frame(Data(path="t.pq"), tmp_path), frame)
    table = read_table(Data(path="t.pq", target="label", rename={"y": "label"}), tmp_path)
    assert [column.kind for column in table.columns] == [
        "continuous",
        "ordinal",
        "categorical",
        "categorical",
    ]
    assert table.column("size").levels == ("S", "M", "L") and table.classes == (1, 2)


def test_parquet_with_row_ids_in_the_index(tmp_path):
    frame = pd.DataFrame({"x": [1.5, 2.5]}, index=pd.Index(["r1", "r2"], name="id"))
    parquet(tmp_path, frame)
    assert read_table(Data(path="t.parquet", row_id="id"), tmp_path).row_ids.tolist() == ["r1", "r2"]


def test_the_folder_of_a_parquet_file_adds_no_column(tmp_path):
    (tmp_path / "year=2020").mkdir()
    parquet(tmp_path / "year=2020", pd.DataFrame({"x": [1.5]}))
    assert list(read_frame(Data(path="year=2020/t.parquet"), tmp_path)) == ["x"]


@pytest.mark.parametrize("keep", [0, 3, 4, 12, 200, -1])
def test_truncated_parquet(tmp_path, keep):
    path = parquet(tmp_path, pd.DataFrame({"x": np.arange(100.0), "y": np.arange(100)}))
    path.write_bytes(path.read_bytes()[:keep])
    sentence = "it is empty" if keep == 0 else "'t.parquet' must be a complete Parquet file; reading says"
    refused(Data(path="t.parquet"), tmp_path, sentence)


def test_damaged_parquet_never_gives_a_traceback(tmp_path):
    path = parquet(tmp_path, pd.DataFrame({"x": np.arange(100.0), "y": list("ab" * 50)}))
    content = path.read_bytes()
    random = np.random.default_rng(7)
    refusals = 0
    for _ in range(60):
        damaged = bytearray(content)
        for position in random.integers(0, len(content), 20):
            damaged[position] = random.integers(256)
        path.write_bytes(bytes(damaged))
        try:
            read_table(Data(path="t.parquet"), tmp_path)
        except InputError:
            refusals += 1
    assert refusals > 30


def test_csv_named_parquet(tmp_path):
    refused(Data(path=write(tmp_path, CSV, "t.parquet")), tmp_path, "must be a complete Parquet file")


# --- where files may be -----------------------------------------------------------------------------


def test_a_missing_file_suggests_its_neighbour(tmp_path):
    write(tmp_path, CSV, "vehicle.csv")
    refused(Data(path="vehicles.csv"), tmp_path, "no file 'vehicles.csv': did you mean 'vehicle.csv'?")
    (tmp_path / "data").mkdir()
    write(tmp_path / "data", CSV, "vehicle.csv")
    refused(Data(path="data/vehicles.csv"), tmp_path, "did you mean 'data/vehicle.csv'?")
    refused(
        Data(path="dat/vehicles.csv"),
        tmp_path,
        "no file 'dat/vehicles.csv': there is no CSV or Parquet file in its folder",
    )
    refused(Data(path="vehicle.csv/x.csv"), tmp_path, "no file 'vehicle.csv/x.csv'")


def test_what_is_no_file(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    refused(Data(path="folder.csv"), tmp_path, "`path` must be a file; 'folder.csv' is a folder")
    refused(Data(path=""), tmp_path, "`path` must be a file; '' is a folder")
    os.mkfifo(tmp_path / "pipe.csv")
    refused(Data(path="pipe.csv"), tmp_path, "`path` must be a regular file; 'pipe.csv'")
    refused(Data(path="x" * 300 + ".csv"), tmp_path, "cannot be read: File name too long")
    refused(Data(path=write(tmp_path, CSV, "t.xlsx")), tmp_path, "must end in one of .csv, .*; got 't.xlsx'")


def test_links_that_lead_nowhere(tmp_path):
    (tmp_path / "a.csv").symlink_to("b.csv")
    (tmp_path / "b.csv").symlink_to("a.csv")
    (tmp_path / "c.csv").symlink_to("gone.csv")
    refused(Data(path="a.csv"), tmp_path, "'a.csv' cannot be read: Too many levels of symbolic links")
    refused(Data(path="c.csv"), tmp_path, "There is no file 'c.csv'")
    (tmp_path / "empty").mkdir()
    refused(Data(path="empty/c.csv"), tmp_path, "there is no CSV or Parquet file in its folder")


def test_no_permission(tmp_path, monkeypatch):
    # The permission bits do not stop an administrator, who may be running this.
    def denied(path):
        raise PermissionError(13, "Permission denied")

    name = write(tmp_path, CSV)
    monkeypatch.setattr(Path, "read_bytes", denied)
    refused(Data(path=name), tmp_path, "The file 'table.csv' cannot be read: Permission denied")
    refused(Data(path=write(tmp_path, CSV, "t.pq")), tmp_path, "The file 't.pq' cannot be read: Permission denied")
    monkeypatch.setattr(Path, "open", lambda path, mode: denied(path))
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        file_sha256(tmp_path / name)


@pytest.mark.parametrize("law", [f.CorrelatedGaussian(0.3), f.CategoryDriven(num_levels=4), f.Parabola()])
def test_a_table_drawn_from_a_law_is_the_laws_own_frame(law):
    data = Data(law=law, rows=30, seed=2**32 - 1)
    pd.testing.assert_frame_equal(read_frame(data), law.frame(30, jax.random.key(2**32 - 1)))
    table = read_table(data)
    assert (table.num_rows, table.target, set(table.feature_names)) == (30, None, set(law.names))
    assert read_table(Data(law=law, rows=30)).sha256() != table.sha256()
    with pytest.raises(InputError, match=r"`law` is .* has no file"):
        data_path(data)


def outside(folder: Path) -> dict[str, str]:
    """Ways out of a spec's folder, each to a file that is there."""
    inner = folder / "spec"
    inner.mkdir()
    write(folder, CSV, "secret.csv")
    write(inner, CSV)
    (inner / "link.csv").symlink_to(folder / "secret.csv")
    (inner / "folder").symlink_to(folder, target_is_directory=True)
    return {
        "absolute": str(folder / "secret.csv"),
        "absolute inside": str(inner / "table.csv"),
        "climbing": "../secret.csv",
        "climbing late": "folder/../../secret.csv",
        "linked file": "link.csv",
        "linked folder": "folder/secret.csv",
        "home": "~/secret.csv",
    }


@pytest.mark.parametrize(
    "way",
    ["absolute", "absolute inside", "climbing", "climbing late", "linked file", "linked folder", "home"],
)
def test_a_path_in_a_spec_cannot_leave_its_folder(tmp_path, monkeypatch, way):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = outside(tmp_path)[way]
    data, inner = Data(path=path), tmp_path / "spec"
    sentence = "no file" if way == "home" else "must stay inside the spec's folder"
    message = refused(data, inner, sentence)
    if way != "home":
        assert f"--set data.path={path}" in message
        with pytest.raises(InputError, match="must stay inside"):
            data_path(data, inner)
    if way != "climbing late":
        assert len(read_frame(data, inner, allow_outside=True)) == 3


def test_a_path_that_stays_inside(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    write(tmp_path / "data", CSV)
    for path in ("data/table.csv", "./data/table.csv", "data/../data/table.csv"):
        assert len(read_frame(Data(path=path), tmp_path)) == 3
    monkeypatch.chdir(tmp_path)
    assert len(read_frame(Data(path="data/table.csv"))) == 3
    assert len(read_frame(Data(path="table.csv"), "data")) == 3


def test_the_hash_of_a_file(tmp_path):
    write(tmp_path, CSV)
    assert file_sha256(tmp_path / "table.csv") == hashlib.sha256(CSV.encode()).hexdigest()
    with pytest.raises(InputError, match="There is no file"):
        file_sha256(tmp_path / "other.csv")


@pytest.mark.skipif(not (SHARED / "keel_vehicle.csv").is_file(), reason="keel_vehicle.csv is not beside the checkout")
def test_the_vehicle_table_of_the_authors():
    data = Data(path="keel_vehicle.csv", separator=";", header=False, target="column_18")
    table = read_table(data, SHARED)
    assert (table.num_rows, len(table.columns), table.classes) == (846, 18, (0, 1, 2, 3))
    loaded = np.loadtxt(SHARED / "keel_vehicle.csv", delimiter=";")
    np.testing.assert_array_equal(table.features, loaded[:, :18])
    np.testing.assert_array_equal(table.target, loaded[:, 18])
