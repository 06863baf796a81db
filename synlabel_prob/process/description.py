"""The description of a data-generating process, and what can be wrong with it for a table."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING, Any, Literal

from ..annotators import Annotation
from ..descriptions import description, one_of
from ..errors import InputError, Problems
from ..feature_noise import DESCRIPTIONS as FEATURE_NOISES
from ..feature_noise import FeatureNoise, report_names
from ..ground_truth import DESCRIPTIONS as GROUND_TRUTHS
from ..ground_truth import GroundTruth
from ..noise import DESCRIPTIONS as NOISES
from ..noise import ON_SOFT_LABELS, Noise
from ..observations import DESCRIPTIONS as OBSERVATIONS
from ..observations import Observation
from ..priors import DESCRIPTIONS as PRIORS
from ..priors import Prior
from ..table import Table

if TYPE_CHECKING:
    from ..feature_noise import FeatureNoise as AnyFeatureNoise
    from ..ground_truth import GroundTruth as AnyGroundTruth
    from ..noise import Noise as AnyNoise
    from ..observations import Observation as AnyObservation
    from ..priors import Prior as AnyPrior
else:
    AnyGroundTruth = one_of(GroundTruth, GROUND_TRUTHS)
    AnyPrior = one_of(Prior, PRIORS)
    AnyNoise = one_of(Noise, NOISES)
    AnyFeatureNoise = one_of(FeatureNoise, FEATURE_NOISES)
    AnyObservation = one_of(Observation, OBSERVATIONS)

SITES = frozenset(
    {"hidden", "label", "drawn_label", "soft_label", "noisy_soft_label", "noisy_hard_label", "prior", "row", "class"}
    | {"annotation", "annotator", "vote", "votes", "votes_given", "vote_start", "observation", "observed_set"}
)
"""Names that the models use themselves."""


@description
class Process:
    """From a table to soft labels and noisy labels: a ground truth, the features that are hidden, a prior, noise.

    `hidden` are the features that are resampled from `prior`; `noise` nodes act one after another. Noisy hard labels
    start at a label drawn from the soft label, so that their law is the noisy soft label, or, with `hard_from =
    "ground_truth"`, at the ground truth's label. `annotation` says who labels the rows after all noise,
    `observation` which set of classes is recorded of each noisy hard label. `feature_noise` acts last, on the observed
    features of D^OS and D^OH, one after another: labels, votes and sets stay those at the true features.
    """

    ground_truth: AnyGroundTruth
    hidden: tuple[str, ...]
    prior: AnyPrior
    noise: tuple[AnyNoise, ...] = ()
    hard_from: Literal["soft_label", "ground_truth"] = "soft_label"
    annotation: Annotation | None = None
    observation: AnyObservation | None = None
    feature_noise: tuple[AnyFeatureNoise, ...] = ()

    def __post_init__(self) -> None:
        """What is wrong whatever the table."""
        problems = Problems()
        if not self.hidden:
            problems.add("hidden must name at least one feature; got none.")
        for name in _twice(self.hidden):
            problems.add(f"hidden names {name!r} twice: name each feature once.")
        labels = [node.label for node in self.noise]
        for name in _twice(labels):
            problems.add(f"noise has two nodes called {name!r}: give each a `name` of its own.")
        for name in SITES.intersection(labels):
            problems.add(f"noise has a node called {name!r}, which the model uses itself: give it another `name`.")
        for first, second in itertools.combinations(labels, 2):
            if first != second and zlib.crc32(first.encode()) == zlib.crc32(second.encode()):
                problems.add(f"noise nodes {first!r} and {second!r} would share random numbers: rename one of them.")
        _report_order(self.noise, problems)
        report_names(self.feature_noise, problems)
        problems.raise_if_any()


def _twice(names: Any) -> list[str]:
    return sorted({name for name in names if list(names).count(name) > 1})


def _report_order(nodes: tuple[Noise, ...], problems: Problems) -> None:
    cut = integrated(nodes)
    for node in nodes[:cut]:
        if node.depends_on in ON_SOFT_LABELS:
            problems.add(
                f"noise node {node.label!r} depends on a soft label, which no single draw of the hidden features "
                f"has, so it cannot come before {nodes[cut - 1].label!r}, which depends on hidden features: swap them."
            )


def integrated(nodes: Any) -> int:
    """How many nodes are averaged together with the label: up to the last that depends on hidden features."""
    return max((place + 1 for place, node in enumerate(nodes) if node.depends_on == "features"), default=0)


def report_problems(process: Process, table: Table) -> Problems:
    """Everything about a process that does not fit a table, found without running it."""
    problems = Problems()
    hidden = _report_hidden(process, table, problems)
    process.prior.report_missing(table.missing(), problems)
    if hidden:
        process.prior.report_problems(table, hidden, problems)
        observed = table.select([name for name in table.feature_names if name not in process.hidden])
        for one in process.feature_noise:
            one.report_problems(observed, problems, process.hidden)
    found = len(problems.sentences)
    process.ground_truth.report_problems(table, problems)
    if len(problems.sentences) == found:
        for node in process.noise:
            node.report_problems(table, process.ground_truth, problems)
        if process.annotation is not None:
            process.annotation.report_problems(table, process.ground_truth, problems)
        if process.observation is not None and hidden:
            process.observation.report_problems(table, process.hidden, process.ground_truth, problems)
    return problems


def _report_hidden(process: Process, table: Table, problems: Problems) -> tuple:
    try:
        places = table.index(process.hidden)
    except InputError as error:
        for sentence in str(error).splitlines():
            problems.add(f"`hidden`: {sentence}")
        return ()
    for name in set(process.hidden).intersection(table.constant()):
        problems.add(f"`hidden` names {name!r}, which is constant: hiding it changes nothing, so leave it out.")
    return tuple(table.columns[place] for place in places)
