"""The contract of a ground-truth function: what a description answers, and what its fitted form answers."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np

from .._lazy import jax, jnp
from ..descriptions import Part
from ..errors import InputError, Problems, did_you_mean
from ..table import Table


class Boxes(NamedTuple):
    """Axis-parallel boxes that fill the space: lower < x <= upper, (boxes, features), with labels `codes` (boxes,)."""

    lower: np.ndarray
    upper: np.ndarray
    codes: np.ndarray


@runtime_checkable
class LabelsAtDraws(Protocol):
    """A quicker way to the labels of a function where some features of a row vary and the others stay."""

    def labels(self, observed: Any, hidden: Any) -> Any:
        """Class codes (rows, ...) from observed (rows, observed) and hidden (rows, ..., hidden)."""
        ...

    def settled(self, observed: Any) -> Any:
        """The code of each row whose label no value of the hidden features can change, else -1, (rows,)."""
        ...


class GroundTruthFunction(abc.ABC):
    """A fitted f_G: feature vectors to classes, without noise.

    `features` has shape (..., features) in the table's column order, categorical and ordinal columns as codes.
    """

    classes: tuple
    runs_in_jax: ClassVar[bool] = True
    """False for functions that run on the host in batches; a model calls those back."""
    runs_on_host_because: str | None = None
    """Why, in a sentence, for functions that would run in JAX had they been another kind."""

    @property
    @abc.abstractmethod
    def has_probabilities(self) -> bool:
        """Whether `probabilities` can be asked for."""

    @abc.abstractmethod
    def labels(self, features: Any) -> Any:
        """Class codes, shape (...), integers."""

    @abc.abstractmethod
    def probabilities(self, features: Any) -> Any:
        """Class probabilities, shape (..., classes).

        Raises:
            InputError: the function has none.
        """

    def breakpoints(self, features: Any, place: int) -> Any | None:
        """Values of one feature between which, all others fixed, the label is constant; exact.

        Args:
            features: (..., features); what they hold at `place` does not matter.
            place: of the feature, among all.

        Returns:
            (..., points), in no order, padded with infinities; their number depends on `place` alone. None where the
            function does not know them.
        """
        return None

    def boxes(self) -> Boxes | None:
        """Boxes that fill the space, for rows without missing values; None where the function has none."""
        return None

    def linear_scores(self) -> tuple[Any, Any] | None:
        """Weights (classes, features) and intercepts (classes,) whose largest score is the label, or None.

        Classes that are never predicted have the intercept minus infinity.
        """
        return None

    def lines(self, features: Any, places: tuple[int, ...]) -> tuple[Any, Any] | None:
        """Scores that are linear in some features and whose largest is the label; None where they are not.

        Args:
            features: (features,); what they hold at `places` does not matter.
            places: of the features, numbers, among all.

        Returns:
            Scores (classes,) where the features at `places` are 0, and slopes (classes, places). Classes that are never
            predicted have the score -1e300.
        """
        return None

    def at_draws(self, hidden: tuple[int, ...], observed: tuple[int, ...]) -> LabelsAtDraws | None:
        """The quicker way, a pytree, for hidden and observed features at these places; None where there is none."""
        return None

    saved_as: ClassVar[str | None] = None
    """What a saved function of this class is called; None for functions that plain values cannot hold."""

    def saved(self) -> dict[str, Any] | None:
        """Plain values that restore the function without the data it was learned from; None where they can't."""
        if self.saved_as is None:
            return None
        return {"function": self.saved_as, "classes": list(self.classes), **self.values()}

    def values(self) -> dict[str, Any]:
        """The plain values of a function that can be saved, besides its classes."""
        return {}

    @classmethod
    def restored(cls, saved: Mapping[str, Any]) -> GroundTruthFunction:
        """The function that `saved` came from."""
        raise TypeError(f"{cls.__name__} cannot be saved, so there is nothing to restore")


def restored(saved: Mapping[str, Any]) -> GroundTruthFunction:
    """A function from what `saved` gave, read without pickle.

    Raises:
        InputError: it names a function that is not known, or values are missing or of another shape.
    """
    known = {kind.saved_as: kind for kind in _kinds(GroundTruthFunction) if kind.saved_as is not None}
    name = saved.get("function")
    if name not in known:
        raise InputError(f"the saved function is {name!r}, which is not known: {did_you_mean(str(name), known)}")
    try:
        return known[name].restored(saved)
    except InputError:
        raise
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputError(
            f"the saved function {name!r} is incomplete or of another version ({type(error).__name__}: {error}): "
            "generate the result again."
        ) from None


def _kinds(parent: type[GroundTruthFunction]) -> list[type[GroundTruthFunction]]:
    return [kind for child in parent.__subclasses__() for kind in (child, *_kinds(child))]


class GroundTruth(Part, abc.ABC):
    """The description of a ground-truth function."""

    kind: str
    gives_probabilities: ClassVar[bool] = True
    """Whether its fitted form has class probabilities, as far as that can be said before it is fitted."""

    @property
    def file(self) -> str | None:
        """The path of the file that it reads, as it is given; None where it reads none."""
        return None

    def located(self, base_directory: str | Path, *, allow_outside: bool) -> GroundTruth:
        """The same with the whole path of the file that it reads, where it reads one.

        Args:
            base_directory: the folder that the path is relative to, and must not leave.
            allow_outside: the path comes from the user and not from a spec, so it may lead anywhere.

        Raises:
            InputError: the path leaves the folder.
        """
        return self

    @abc.abstractmethod
    def class_values(self, table: Table) -> tuple:
        """The declared classes, in the order of the codes."""

    @abc.abstractmethod
    def report_problems(self, table: Table, problems: Problems) -> None:
        """Everything about this function that does not fit the table."""

    @abc.abstractmethod
    def fit(self, table: Table) -> GroundTruthFunction:
        """The function, learned from the table where it is learned."""

    @abc.abstractmethod
    def explain(self) -> str:
        """One clause for a reader: how a feature vector gets its label."""


def located(part: Any, base_directory: str | Path, *, allow_outside: bool) -> Any:
    """A description of anything, with the whole path of the file of each ground truth in it.

    Arguments and errors as for `GroundTruth.located`.
    """
    if isinstance(part, GroundTruth):
        return part.located(base_directory, allow_outside=allow_outside)
    if isinstance(part, tuple):
        return tuple(located(item, base_directory, allow_outside=allow_outside) for item in part)
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return part
    own = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
    changed = {name: located(value, base_directory, allow_outside=allow_outside) for name, value in own.items()}
    return part if changed == own else dataclasses.replace(part, **changed)


def host_labels(function: GroundTruthFunction, features: Any) -> Any:
    """Labels of a host array, or inside a JAX program whether the function runs in JAX or on the host."""
    if function.runs_in_jax or isinstance(features, np.ndarray):
        return function.labels(features)
    shape = jax.ShapeDtypeStruct(features.shape[:-1], jnp.int32)
    return _called_back(_on_host(function.labels, np.int32), shape, features)


def host_probabilities(function: GroundTruthFunction, features: Any) -> Any:
    """Class probabilities of a host array, or inside a JAX program wherever the function runs."""
    if function.runs_in_jax or isinstance(features, np.ndarray):
        return function.probabilities(features)
    dtype = features.dtype
    shape = jax.ShapeDtypeStruct((*features.shape[:-1], len(function.classes)), dtype)
    call = _on_host(function.probabilities, dtype)
    return _called_back(call, shape, features)


def _called_back(call: Any, shape: Any, features: Any) -> Any:
    # Functions take any leading axes, so a batch of programs (`vmap`, `Predictive(parallel=True)`) is one call.
    return jax.pure_callback(call, shape, jax.lax.stop_gradient(features), vmap_method="expand_dims")


def _on_host(method: Any, dtype: Any) -> Any:
    return lambda features: np.asarray(method(np.asarray(features, dtype=np.float64))).astype(dtype)


def no_probabilities(what: str) -> InputError:
    """The error of a function that has labels only."""
    return InputError(
        f"{what} gives labels without probabilities; use a function that has them (linear, or a learned "
        'estimator with predict_proba), or take the rate from the soft labels (source = "soft_label").'
    )
