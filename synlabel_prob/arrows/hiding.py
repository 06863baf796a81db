"""Feature hiding: the arrow from D^G to D^PG, by the code that a process runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from .._lazy import jax
from ..datasets import GroundTruthDataset, PartialGroundTruthDataset
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth, GroundTruthFunction
from ..priors import Prior
from ..process import FittedProcess, Process, report_problems
from ..process.fitted import reference_rows
from ..process.models import label_law
from ..randomness import site_key
from ..soft_labels import Automatic, Evaluator, evaluate
from ..table import Table
from .functions import LabelFunction
from .parts import require


@dataclasses.dataclass(frozen=True, eq=False)
class Given(GroundTruth):
    """A ground truth that is fitted already, as the description that a process asks for."""

    function: GroundTruthFunction
    kind = "given"

    @property
    def gives_probabilities(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """As the function does."""
        return self.function.has_probabilities

    def class_values(self, table: Table) -> tuple:
        """The function's."""
        return self.function.classes

    def report_problems(self, table: Table, problems: Problems) -> None:
        """None: it is fitted."""

    def fit(self, table: Table) -> GroundTruthFunction:
        """The function itself."""
        return self.function

    def explain(self) -> str:
        """In words."""
        return "a given function"


def hide_features(
    dataset: GroundTruthDataset,
    hidden: Sequence[str],
    prior: Prior,
    function: LabelFunction,
    key: Any,
    evaluator: Evaluator | None = None,
    *,
    memory_budget: int = 2**30,
) -> PartialGroundTruthDataset:
    """D^G -> D^PG: hide features and average the ground truth over their prior; exact, or with standard errors.

    With the same key these are the soft labels of a process of the same parts, bit by bit.

    Args:
        dataset: D^G.
        hidden: names of the features to hide.
        prior: their law, fitted to the rows of the dataset.
        function: the ground truth, whose labels the dataset has.
        key: fixes every draw.
        evaluator: how to average, by default exactly where there is a route.
        memory_budget: in bytes.

    Raises:
        InputError: the parts do not fit the dataset, or its labels are not the function's.
    """
    require(dataset, (GroundTruthDataset,), "hide_features")
    missing = dataset.view.missing()
    if missing:
        raise InputError(
            f"a ground-truth dataset must miss no value; {', '.join(missing)} do: fill them in, or let "
            "`process.generate` draw them."
        )
    table = _table_of(dataset, function)
    own = Given(function.function)
    process = Process(own, tuple(hidden), prior)
    report_problems(process, table).raise_if_any()
    reference = reference_rows(process.hidden, table, dataset.hard_labels, dataset.classes)
    with jax.enable_x64(True):
        fitted_prior = prior.fit(reference, site_key(key, "fit.prior"))
    fitted = FittedProcess(process, table, own.function, dataset.hard_labels, fitted_prior, (), table.row_ids)
    with jax.enable_x64(True):
        law = label_law(fitted)
    own_key = site_key(key, "soft_label")
    soft = evaluate(law, fitted.prior, fitted.rows, evaluator or Automatic(), own_key, memory_budget=memory_budget)
    come = dataclasses.replace(
        dataset.provenance.then("hide_features"), conditions_on_label=prior.conditions_on == "observed_and_label"
    )
    view = table.select([table.feature_names[place] for place in fitted.observed])
    return PartialGroundTruthDataset(
        view, soft.probabilities, soft.standard_error, dataset.classes, table.select(hidden), come
    )


def _table_of(dataset: GroundTruthDataset, function: LabelFunction) -> Table:
    """The dataset's features in the function's order, once the two are known to belong together."""
    names, classes = dataset.view.feature_names, dataset.classes
    if sorted(function.feature_names) != sorted(names):
        raise InputError(
            f"`function` must read the dataset's features ({', '.join(names)}); it reads "
            f"{', '.join(function.feature_names)}: learn it from this dataset."
        )
    if function.classes != classes:
        raise InputError(
            f"`function` must have the dataset's classes {list(classes)}; it has {list(function.classes)}: learn it "
            "from this dataset."
        )
    wrong = function.labels(dataset.view, classes) != dataset.hard_labels
    if wrong.any():
        raise InputError(
            f"the dataset's labels must be those of `function`; {int(wrong.sum())} of {len(wrong)} differ: learn the "
            "function from this dataset, or relabel the dataset by it."
        )
    return dataset.view.select(function.feature_names)
