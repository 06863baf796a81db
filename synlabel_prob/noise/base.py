"""The contract of a noise node: a linear channel from labels to labels, its transition rows summing to 1."""

from __future__ import annotations

import abc
import dataclasses
import math
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from .._lazy import distributions, jnp, numpyro
from ..arrays import Codes
from ..descriptions import Part, description
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth, GroundTruthFunction
from ..laws import Law
from ..randomness import ROW_PLATE
from ..table import Table
from .channels import coupling

DependsOn = Literal["nothing", "features", "soft_label", "noisy_soft_label"]
"""A row's `soft_label` is before any noise, its `noisy_soft_label` after the nodes before this one."""
ON_SOFT_LABELS = ("soft_label", "noisy_soft_label")
"""What a node depends on that a single draw of the hidden features does not have."""
Selection = Literal["independent", "exact_count"]


@dataclasses.dataclass(frozen=True, eq=False)
class Setting:
    """What a node is fitted to: the table, the ground truth and its labels (rows,) as codes into `classes`."""

    table: Table
    ground_truth: GroundTruthFunction
    labels: Codes

    @property
    def classes(self) -> tuple:
        """The declared classes."""
        return self.ground_truth.classes

    @property
    def class_marginal(self) -> np.ndarray:
        """Class frequencies of the ground truth, (classes,)."""
        return np.bincount(self.labels, minlength=len(self.classes)) / len(self.labels)


class FittedNoise(abc.ABC):
    """T[..., true, observed] given the node's parameters and, where it depends on the row, a context.

    The views of a node (exact push-forward, sampling, log-probability) all follow from `transition`.
    """

    depends_on: ClassVar[DependsOn] = "nothing"
    name: str

    @property
    def runs_in_jax(self) -> bool:
        """False where `context` calls a function that runs on the host."""
        return True

    @abc.abstractmethod
    def sample_parameters(self) -> Any:
        """A NumPyro fragment: numbers stay numbers, laws become sample sites whose names start with the node's."""

    @abc.abstractmethod
    def transition(self, parameters: Any, context: Any) -> Any:
        """T of shape (..., classes, classes); (classes, classes) when the node depends on nothing."""

    def context(self, source: Any) -> Any:
        """What `transition` needs of a row: arrays with the leading axes of `source`.

        `source` is all features (..., features) or a soft label (..., classes), as `depends_on` says; functions
        on the host are called here, so that `transition` always runs in JAX. None where nothing is needed.
        """
        return None

    def once_drawn(self) -> FittedNoise:
        """The node without what only `sample_parameters` reads: programs compiled for it serve every such value."""
        return self

    def for_soft_labels(self, soft_labels: Any) -> FittedNoise:
        """The node with constants that only the soft labels of all rows can settle; itself where it has none."""
        return self

    def fixed_on(self, soft_labels: Any) -> FittedNoise:
        """The node with these constants from the soft labels of some rows, for good: those of others change nothing."""
        return self


class SoftLabelMap(FittedNoise):
    """A map of whole soft labels, p' = image(p), which acts on the finished average.

    Labels follow by the coupling of p and p': one drawn from p becomes one drawn from p', and changes with probability
    TV(p, p').
    """

    depends_on = "noisy_soft_label"

    @abc.abstractmethod
    def image(self, parameters: Any, soft_labels: Any) -> Any:
        """The new soft labels p' (..., classes), rows summing to 1; what it leaves, it leaves to the last bit."""

    def context(self, source: Any) -> Any:
        """The soft label before this node."""
        return source

    def transition(self, parameters: Any, context: Any) -> Any:
        """The coupling with p T = p' that changes the fewest labels; exact."""
        before = jnp.asarray(context)
        return coupling(before, self.image(parameters, before))


class SoftLabelKernel(SoftLabelMap):
    """A random map of soft labels, p' ~ Q(. | p), drawn once for each row.

    Soft labels become the draw, labels follow it by the coupling; their law over draws needs only the mean of Q.
    """

    @abc.abstractmethod
    def perturbed(self, key: Any, parameters: Any, soft_label: Any) -> Any:
        """One draw of p' (classes,) for one row p (classes,)."""

    def image(self, parameters: Any, soft_labels: Any) -> Any:
        """E[p'], (..., classes): all that the law of one label a row depends on."""
        return soft_labels

    def log_density(self, parameters: Any, soft_labels: Any, others: Any) -> Any:
        """Log density of p' (..., classes) given p; not every kernel has one.

        Raises:
            InputError: it has none.
        """
        raise InputError(
            f"noise node {self.name!r} can draw soft labels but has no density of them: observe hard labels instead, "
            "whose probabilities it has."
        )

    def transition(self, parameters: Any, context: Any) -> Any:
        """The coupling of the soft label before and the one drawn; exact given both."""
        return coupling(*context)


def row_context(node: FittedNoise, parameters: Any, clean: Any, before: Any) -> tuple[Any, Any]:
    """The source and the context of a node that depends on no feature, for all rows: (rows, classes) each.

    `clean` is before any noise, `before` what the nodes before this one have made of it. A random map is drawn here,
    at a site of the model.
    """
    source = soft_label_source(node, clean, before)
    if not isinstance(node, SoftLabelKernel):
        return source, node.context(source)
    with numpyro.plate(ROW_PLATE, len(before)):
        after = numpyro.sample(f"{node.name}.perturbed", distributions.Perturbed(node, parameters, before))
    return source, (before, after)


@description
class Noise(Part, abc.ABC):
    """The description of a noise node; `name` tells nodes of one kind apart.

    `selection` says how hard labels are picked: each row on its own, or exactly as many as the rates add up to.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")] | None = Field(default=None, kw_only=True)
    selection: Selection = Field(default="independent", kw_only=True)

    depends_on: ClassVar[DependsOn] = "nothing"
    is_random_map: ClassVar[bool] = False
    """Whether it replaces soft labels by draws; then hard labels are exact given their mean."""
    strength_field: ClassVar[str | None] = None
    """The parameter of its strength, which `calibrate` solves for; None where there is no single one."""
    strength_limits: ClassVar[tuple[float, float]] = (0.0, 1.0)
    """Its values where nothing happens, and where most does."""

    def at_strength(self, share: float) -> Noise:
        """The node at a share in [0, 1) of its strength, 0 being nothing.

        Raises:
            InputError: it has no single strength.
        """
        if self.strength_field is None:
            raise InputError(f"{self.kind!r} has no single strength to solve for: set its parameters yourself.")
        nothing, most = self.strength_limits
        value = nothing + share * (most - nothing) if math.isfinite(most) else share / (1.0 - share)
        return dataclasses.replace(self, **{self.strength_field: value})

    @property
    def label(self) -> str:
        """The node's name: its kind unless it has one of its own."""
        return self.name or self.kind

    @abc.abstractmethod
    def fit(self, setting: Setting) -> FittedNoise:
        """The node with the constants that it takes from the table and the ground truth."""

    @abc.abstractmethod
    def explain(self) -> str:
        """One clause: what happens to a label, and how often."""

    def nominal_rate(self) -> float | None:
        """The rate as the parameters state it (of changes, or of redraws); None where they state none."""
        return None

    def report_problems(self, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Everything about this node that does not fit the classes, the table or the ground truth."""


def soft_label_source(node: FittedNoise, clean: Any, before: Any) -> Any:
    """What the context of a node that depends on no feature is made of: soft labels (..., classes).

    `clean` is before any noise, `before` what the nodes before this one have made of it.
    """
    return {"nothing": None, "soft_label": clean, "noisy_soft_label": before}[node.depends_on]


def sample_parameter(site: str, value: float | Law) -> Any:
    """A number as it is, on the host in JAX's precision, or a law as a NumPyro sample site."""
    return numpyro.sample(site, value.build()) if isinstance(value, Law) else np.asarray(value, jnp.result_type(float))


def stacked(parameters: Sequence[Any]) -> Any:
    """Parameters () as one array (parameters,), on the host where all of them are numbers."""
    on_host = all(isinstance(parameter, np.ndarray) for parameter in parameters)
    return np.stack(parameters) if on_host else jnp.stack(parameters)


def stated(value: float | Law) -> str:
    """A parameter as a reader sees it."""
    return value.stated() if isinstance(value, Law) else f"{value:g}"


def mean_of(value: float | Law) -> float:
    """A number, or the mean of its law."""
    return float(np.asarray(value.build().mean)) if isinstance(value, Law) else value


def rates_and_destinations(rates: Any, destinations: Any) -> Any:
    """T from flip rates (..., classes) and where flips go (..., classes, classes), rows with a zero diagonal."""
    identity = np.eye(destinations.shape[-1], dtype=destinations.dtype)
    return identity * (1.0 - rates[..., :, None]) + rates[..., :, None] * destinations


def others_alike(num_classes: int) -> np.ndarray:
    """Destinations that share the other classes equally, (classes, classes)."""
    return (1.0 - np.eye(num_classes, dtype=jnp.result_type(float))) / max(num_classes - 1, 1)


def class_codes(names: dict[str, Any], classes: tuple) -> dict[int, Any]:
    """Values given by class name (always text in a file) as values by code; unknown names are left out."""
    codes = {str(value): code for code, value in enumerate(classes)}
    return {codes[name]: value for name, value in names.items() if name in codes}
