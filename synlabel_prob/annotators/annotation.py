"""The annotation of a process: who the annotators are, which rows each sees, and what their votes start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from .._lazy import distributions, jnp, numpyro
from ..arrays import Confusions, PairCodes
from ..descriptions import description, fitted, one_of, static
from ..errors import InputError, Problems, did_you_mean
from ..ground_truth import GroundTruth
from ..laws import UnitParameter
from ..noise import Setting
from ..noise.base import class_codes, sample_parameter, stated
from ..randomness import ROW_PLATE, VOTE_PLATE, row_hashes
from ..table import Table
from .base import PREFIX, Annotators, FittedAnnotators, Sources
from .design import Pairs, design
from .families import DESCRIPTIONS

if TYPE_CHECKING:
    from .base import Annotators as AnyAnnotators
else:
    AnyAnnotators = one_of(Annotators, DESCRIPTIONS)

LabelsFrom = Literal["shared", "own"]


@fitted
class FittedAnnotation:
    """A family, and who of it labels what: `rows` and `annotators (pairs,)`.

    `answers (classes,)` are probabilities that a vote is given, None where all are.
    """

    family: FittedAnnotators
    rows: PairCodes
    annotators: PairCodes
    answers: Any
    copying: Any = static()
    labels_from: LabelsFrom = static()
    num_rows: int = static()

    @property
    def pairs(self) -> Pairs:
        """Who labels what."""
        return Pairs(self.rows, self.annotators)

    @property
    def names(self) -> tuple[str, ...]:
        """What the annotators are called."""
        return self.family.names

    @property
    def needs(self) -> frozenset[str]:
        """Fields of `Sources` without which there are no votes."""
        return self.family.depends_on | ({"noisy_soft_label"} if self.labels_from == "own" else set())

    def sample_parameters(self) -> tuple[Any, Any]:
        """A NumPyro fragment: what the family draws for its annotators, and the probability of a copy."""
        return self.family.sample_parameters(), sample_parameter(f"{PREFIX}.copying", self.copying)

    def _sampled(self, sources: Sources) -> tuple[FittedAnnotators, Any, Any, Any]:
        family = self.family if sources.soft_label is None else self.family.for_soft_labels(sources.soft_label)
        parameters, copying = self.sample_parameters()
        with numpyro.plate(ROW_PLATE, self.num_rows):
            items = family.sample_items(self.num_rows)
        return family, parameters, family.context(sources, items), copying

    def transitions(self, sources: Sources) -> Confusions:
        """A NumPyro fragment: T of each annotator, (annotators, classes, classes); a mean over the rows."""
        family, parameters, context, _ = self._sampled(sources)
        return family.transitions(parameters, context)

    def votes(self, sources: Sources, labels: Any) -> None:
        """The NumPyro model of the votes, each from the row's label (rows,), or from one of its own.

        Sites `vote_start`, `votes` and, where not all are given, `votes_given`; each (pairs,), in the vote plate.
        """
        family, parameters, context, copying = self._sampled(sources)
        with numpyro.plate(VOTE_PLATE, len(self.rows)):
            if self.labels_from == "own":
                start = numpyro.sample("vote_start", distributions.SoftLabel(sources.noisy_soft_label[self.rows]))
            else:
                start = numpyro.deterministic("vote_start", jnp.asarray(labels)[self.rows])
            said = family.said(parameters, context, self.rows, self.annotators, start)
            votes = numpyro.sample("votes", distributions.Vote(said, start, self.pairs.first, copying))
            if self.answers is not None:
                numpyro.sample("votes_given", distributions.Given(jnp.asarray(self.answers)[votes]))


@description
class Annotation:
    """Who labels the rows after all noise, and how; votes become a long table.

    Each vote starts from a label and is what its annotator makes of it. With `labels_from = "shared"` all votes of a
    row start from its one noisy hard label, so that they are independent given it; with "own" each starts from a label
    of its own, drawn from the row's noisy soft label.

    Attributes:
        annotators: the family that they belong to.
        labels_from: whether the votes of a row start from one label or from one each.
        labels_a_row: how many annotators see each row, drawn at random; all of them by default.
        labels_an_annotator: the most rows that one annotator sees.
        copying: probability that a vote repeats the one before it in its row, in the order of the annotators.
        answers: by class, probability that a vote for it is given at all; 1 for classes that are not named.
    """

    annotators: AnyAnnotators
    labels_from: LabelsFrom = "shared"
    labels_a_row: Annotated[int, Field(ge=1, strict=True)] | None = None
    labels_an_annotator: Annotated[int, Field(ge=1, strict=True)] | None = None
    copying: UnitParameter = 0.0
    answers: dict[str, Annotated[float, Field(ge=0, le=1)]] | None = None

    def __post_init__(self) -> None:
        """What is wrong whatever the table."""
        if self.labels_a_row is not None and self.labels_a_row > self.annotators.size:
            raise InputError(
                f"labels_a_row must be at most the number of annotators, {self.annotators.size}; got "
                f"{self.labels_a_row}."
            )
        if self.labels_from == "own" and "features" in self.annotators.depends_on:
            raise InputError(
                'labels_from must be "shared" for annotators who look at features, because all then see the draw that '
                'gave the row its label; got "own", which draws a label for each vote from the soft label, an average '
                'without features: set "shared", or put the expert into `noise`.'
            )

    @property
    def depends_on(self) -> frozenset[str]:
        """Fields of `Sources` that the annotators need."""
        return self.annotators.depends_on

    @property
    def row_labels(self) -> int:
        """How many annotators see each row."""
        return self.labels_a_row or self.annotators.size

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Numbers that do not fit the rows, classes that there are not, and what the family says."""
        known = [str(value) for value in ground_truth.class_values(table)]
        for name in self.answers or {}:
            if name not in known:
                problems.add(f"`annotation.answers` names the class {name!r}: {did_you_mean(name, known)}")
        self._report_numbers(table.num_rows, problems)
        self.annotators.report_problems(table, ground_truth, problems)

    def _report_numbers(self, rows: int, problems: Problems) -> None:
        size, wanted = self.annotators.size, rows * self.row_labels
        if wanted < size:
            problems.add(
                f"`annotation.labels_a_row` is {self.row_labels}, which with {rows} rows leaves some of the {size} "
                "annotators without a row: raise it, or have fewer annotators."
            )
        limit = self.labels_an_annotator
        if limit is not None and limit * size < wanted:
            problems.add(
                f"`annotation.labels_an_annotator` must be at least {-(-wanted // size)}, because {size} annotators "
                f"give {self.row_labels} labels to each of {rows} rows; got {limit}."
            )

    def fit(self, setting: Setting, key: Any) -> FittedAnnotation:
        """The family for the classes, and who labels what, which the key and the row ids fix."""
        numbers = (self.annotators.size, self.row_labels, self.labels_an_annotator)
        pairs = design(key, row_hashes(setting.table.row_ids), *numbers)
        given = class_codes(self.answers or {}, setting.classes)
        answers = np.array([given.get(code, 1.0) for code in range(len(setting.classes))])
        return FittedAnnotation(
            family=self.annotators.fit(setting),
            rows=pairs.rows,
            annotators=pairs.annotators,
            answers=answers if given else None,
            copying=self.copying,
            labels_from=self.labels_from,
            num_rows=setting.table.num_rows,
        )

    def explain(self) -> str:
        """In words."""
        size = self.annotators.size
        seen = "all" if self.row_labels == size else f"{self.row_labels} of them, at random,"
        limit = f", none more than {self.labels_an_annotator} rows" if self.labels_an_annotator else ""
        copies = "" if self.copying == 0.0 else f"; a vote repeats the one before it at rate {stated(self.copying)}"
        rare = f"; votes for {', '.join(self.answers)} are not always given" if self.answers else ""
        return f"{self.annotators.explain()}; {seen} label each row{limit}{copies}{rare}"
