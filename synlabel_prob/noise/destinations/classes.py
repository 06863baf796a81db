"""Destinations that are the same for every row: all others alike, given ones, groups, frequent classes."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import numpy as np

from ..._lazy import jnp
from ...descriptions import description, fitted, static
from ...errors import InputError, Problems, did_you_mean
from ...ground_truth import GroundTruth
from ...laws import PositiveParameter
from ...table import Table
from ..base import Setting, class_codes, sample_parameter
from .base import Destination, FixedDestination, ProportionalDestination, without_diagonal


@description
class ToOthers(Destination):
    """To any other class alike."""

    kind: Literal["to_others"] = "to_others"

    summary = "any other class alike"
    paper = "Angluin & Laird, 1988"

    def fit(self, setting: Setting) -> FixedDestination:
        """Nothing is learned."""
        return without_diagonal(np.ones((len(setting.classes),) * 2))

    def explain(self) -> str:
        """In words."""
        return "to any other class alike"


@fitted
class GivenDestination(ProportionalDestination):
    """Proportions by the names of the classes: `given` has, of each class that changes, where it goes."""

    given: tuple[tuple[int, int, Any], ...] = static()
    names: tuple[str, ...] = static()

    @property
    def stays(self) -> np.ndarray | None:
        """Classes that are not given."""
        empty = np.array([all(code != own for own, _, _ in self.given) for code in range(len(self.names))])
        return empty if empty.any() else None

    def proportions(self, prefix: str) -> Any:
        """One site a law."""
        made = jnp.zeros((len(self.names),) * 2)
        for code, other, share in self.given:
            site = f"{prefix}.classes.{self.names[code]}.{self.names[other]}"
            made = made.at[code, other].set(sample_parameter(site, share))
        return made

    def once_drawn(self) -> GivenDestination:
        """Shares are parameters; which classes stay is not."""
        return dataclasses.replace(self, given=tuple((code, other, 0.0) for code, other, _ in self.given))


@description
class ToClasses(Destination):
    """To given classes: a mapping, pairs, a permutation, or any matrix of destinations.

    `classes = { cat = { dog = 1 }, truck = { car = 3, bus = 1 } }` has, by class, proportions of where it goes;
    classes that are not named never change.
    """

    classes: dict[str, dict[str, PositiveParameter]]
    kind: Literal["to_classes"] = "to_classes"

    summary = "given classes, by given shares (mapping, pairs, any matrix)"
    paper = "Patrini et al., 2017"

    def __post_init__(self) -> None:
        if not self.classes:
            raise InputError("classes must name at least one class and where it goes; got none.")
        for name, shares in self.classes.items():
            if shares.get(name):
                raise InputError(f"classes.{name} goes to itself: leave {name!r} out there, the rate says what stays.")
            if not any(shares.values()):
                raise InputError(f"classes.{name} must name at least one class with a share above 0; got none.")

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown classes."""
        known = [str(value) for value in ground_truth.class_values(table)]
        for name in dict.fromkeys([*self.classes, *(other for shares in self.classes.values() for other in shares)]):
            if name not in known:
                problems.add(f"`{place}.classes` names the class {name!r}: {did_you_mean(name, known)}")

    def fit(self, setting: Setting) -> GivenDestination:
        """Nothing is learned."""
        coded = class_codes(self.classes, setting.classes).items()
        pairs = [(code, class_codes(shares, setting.classes)) for code, shares in coded]
        given = [(code, other, share) for code, shares in pairs for other, share in shares.items()]
        return GivenDestination(tuple(given), tuple(str(value) for value in setting.classes))

    def explain(self) -> str:
        """In words."""
        pairs = [f"{name} to {' or '.join(shares)}" for name, shares in self.classes.items()]
        return f"to given classes ({', '.join(pairs)})"


@description
class ToGroup(Destination):
    """To the other classes of the same group (superclass, block noise), alike.

    `groups = [["cat", "dog"], ["car", "truck", "bus"]]`; classes without company never change.
    """

    groups: tuple[tuple[str, ...], ...]
    kind: Literal["to_group"] = "to_group"

    summary = "other classes of the same group (block noise)"

    def __post_init__(self) -> None:
        named = [name for group in self.groups for name in group]
        if not any(len(group) > 1 for group in self.groups):
            raise InputError("groups must hold at least one group of two or more classes; got none.")
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise InputError(f"groups names {twice[0]!r} twice: put each class into one group.")

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """Unknown classes."""
        known = [str(value) for value in ground_truth.class_values(table)]
        for name in (name for group in self.groups for name in group):
            if name not in known:
                problems.add(f"`{place}.groups` names the class {name!r}: {did_you_mean(name, known)}")

    def fit(self, setting: Setting) -> FixedDestination:
        """Nothing is learned."""
        codes = class_codes(
            {name: number for number, group in enumerate(self.groups) for name in group}, setting.classes
        )
        # A class without a group is a group of its own.
        group = np.array([codes.get(code, -1 - code) for code in range(len(setting.classes))])
        return without_diagonal(group[:, None] == group[None, :])

    def explain(self) -> str:
        """In words."""
        return f"to another class of the same group ({'; '.join(', '.join(group) for group in self.groups)})"


@description
class ToDefault(Destination):
    """To one class, which never changes itself.

    `label` is that class: what is said where nobody looks.
    """

    label: str
    kind: Literal["to_default"] = "to_default"

    summary = "one class, whatever the label (a default)"

    def report_problems(self, place: str, table: Table, ground_truth: GroundTruth, problems: Problems) -> None:
        """An unknown class."""
        known = [str(value) for value in ground_truth.class_values(table)]
        if self.label not in known:
            problems.add(f"`{place}.label` is the class {self.label!r}: {did_you_mean(self.label, known)}")

    def fit(self, setting: Setting) -> FixedDestination:
        """Nothing is learned."""
        names = [str(value) for value in setting.classes]
        weights = np.zeros((len(names),) * 2)
        weights[:, names.index(self.label)] = 1.0
        return without_diagonal(weights)

    def explain(self) -> str:
        """In words."""
        return f"to {self.label}"


@description
class ToFrequent(Destination):
    """To other classes in proportion to their frequency among the ground truth's labels."""

    kind: Literal["to_frequent"] = "to_frequent"

    summary = "other classes by their frequency (the prior)"

    def fit(self, setting: Setting) -> FixedDestination:
        """The frequencies; a class that is alone in the data goes to any other alike."""
        weights = np.tile(setting.class_marginal, (len(setting.classes), 1))
        others = np.where(np.eye(len(weights), dtype=bool), 0.0, weights)
        return without_diagonal(np.where(others.any(-1, keepdims=True), others, 1.0))

    def explain(self) -> str:
        """In words."""
        return "to other classes by their frequency"
