"""A description of a result's tables in the vocabulary of Croissant 1.0 (MLCommons), as JSON-LD."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..process import FittedProcess

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_ABOUT = {
    "dataset.parquet": ("rows", "a row for each row of the table: features, soft labels, noisy labels, noise by node"),
    "votes.parquet": ("votes", "a row for each label that an annotator gave"),
}
_COLUMNS = {
    "ground_truth_label": "the ground truth's label, without noise",
    "soft_label": "probability of the class given the observed features, before any noise",
    "soft_label_standard_error": "standard error of that probability; 0 where it is exact",
    "noisy_soft_label": "probability of the class after all noise",
    "noisy_hard_label": "the label after all noise",
    "drawn_label": "the label at which noisy hard labels start",
    "before": "the label before the noise node",
    "after": "the label after the noise node",
    "flip_probability": "probability with which the node changes the label",
    "vote_share": "share of the row's votes that say the class",
    "plurality_label": "the class that most votes say, ties to the lowest class",
    "candidate": "whether the class is in the set that is recorded of the row's noisy hard label",
    "observed_label": "the class of that set where it has one class; missing where it has more",
    "noisy_feature": "the feature as it is recorded, with noise on features",
    "task": "the row that was labelled",
    "worker": "the annotator",
    "label": "what the annotator said",
}


def croissant(files: Mapping[str, Any], fitted: FittedProcess, *, title: str) -> dict[str, Any]:
    """The tables among a result's files, each column with its type and meaning; plain values.

    `files` gives each name its bytes, or the path of what is too large for the memory.
    """
    tables = {name: content for name, content in files.items() if name in _ABOUT}
    classes = ", ".join(str(value) for value in fitted.classes)
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": title or "synlabel_prob result",
        "citeAs": "de Vries & Thierens, arXiv 2309.04318",
        "version": importlib.metadata.version("synlabel_prob"),
        "description": f"Rows with known labels, soft labels and noise. Classes: {classes}.",
        "distribution": [_file(name, content) for name, content in tables.items()],
        "recordSet": [_records(name, content) for name, content in tables.items()],
    }


def _file(name: str, content: bytes | Path) -> dict[str, Any]:
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
        sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.seek(0, io.SEEK_END)
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": sha256,
    }


def _records(name: str, content: bytes | Path) -> dict[str, Any]:
    import pyarrow.parquet

    records, words = _ABOUT[name]
    schema = pyarrow.parquet.read_schema(io.BytesIO(content) if isinstance(content, bytes) else content)
    fields = [_field(records, name, column) for column in schema]
    return {"@type": "cr:RecordSet", "@id": records, "name": records, "description": words, "field": fields}


def _field(records: str, file: str, column: Any) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{records}/{column.name}",
        "name": column.name,
        "description": _COLUMNS.get(column.name.partition("[")[0].rpartition(".")[2], "a column of the user's table"),
        "dataType": _type(column.type),
        "source": {"fileObject": {"@id": file}, "extract": {"column": column.name}},
    }


def _type(kind: Any) -> str:
    from pyarrow import types

    for is_of, name in (
        (types.is_boolean, "sc:Boolean"),
        (types.is_integer, "sc:Integer"),
        (types.is_floating, "sc:Float"),
    ):
        if is_of(kind):
            return name
    return "sc:Text"
