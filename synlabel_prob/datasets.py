"""The four datasets of the SYNLABEL framework (de Vries & Thierens, arXiv 2309.04318): records without behaviour."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pandas as pd

from .arrays import Codes, SoftLabelArray
from .table import Label, Table


@dataclasses.dataclass(frozen=True)
class Provenance:
    """Where a dataset comes from: the process as plain values, the seed, versions, the input's hash, and the arrows."""

    process: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    seed: int | None = None
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    input_sha256: str | None = None
    conditions_on_label: bool = False
    arrows: tuple[str, ...] = ()

    def then(self, arrow: str) -> Provenance:
        """With one more arrow."""
        return dataclasses.replace(self, arrows=(*self.arrows, arrow))


@dataclasses.dataclass(frozen=True, eq=False)
class GroundTruthDataset:
    """D^G: all features and the ground truth's labels, without uncertainty.

    `view` holds the features (rows, features) and row ids; `hard_labels (rows,)` are codes into `classes`.
    """

    view: Table
    hard_labels: Codes
    classes: tuple[Label, ...]
    provenance: Provenance = Provenance()


@dataclasses.dataclass(frozen=True, eq=False)
class PartialGroundTruthDataset:
    """D^PG: the observed features and soft labels (rows, classes) that are true given these.

    `hidden` keeps what was hidden, where it is known; `standard_error (rows, classes)` is 0 where soft labels are
    exact.
    """

    view: Table
    soft_labels: SoftLabelArray
    standard_error: SoftLabelArray
    classes: tuple[Label, ...]
    hidden: Table | None = None
    provenance: Provenance = Provenance()


@dataclasses.dataclass(frozen=True, eq=False)
class ObservedSoftDataset:
    """D^OS: observed features and observed soft labels (rows, classes), noise included."""

    view: Table
    soft_labels: SoftLabelArray
    classes: tuple[Label, ...]
    hidden: Table | None = None
    provenance: Provenance = Provenance()


@dataclasses.dataclass(frozen=True, eq=False)
class ObservedHardDataset:
    """D^OH: observed features and observed hard labels (rows,), noise included, codes into `classes`."""

    view: Table
    hard_labels: Codes
    classes: tuple[Label, ...]
    hidden: Table | None = None
    provenance: Provenance = Provenance()


Dataset = GroundTruthDataset | PartialGroundTruthDataset | ObservedSoftDataset | ObservedHardDataset


def to_frame(dataset: Dataset) -> pd.DataFrame:
    """A row each: the row id as index, the features in their dtypes, then `label`, or `p[class]` for each class."""
    frame = dataset.view.to_frame()
    frame.index = pd.Index(dataset.view.row_ids, name=dataset.view.row_id_name)
    if isinstance(dataset, (GroundTruthDataset, ObservedHardDataset)):
        return frame.assign(label=pd.Categorical.from_codes(dataset.hard_labels, categories=list(dataset.classes)))
    columns = {f"p[{value}]": dataset.soft_labels[:, code] for code, value in enumerate(dataset.classes)}
    return frame.assign(**columns)
