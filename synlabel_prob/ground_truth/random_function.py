"""What descriptions of random functions answer alike."""

from __future__ import annotations

import abc

from ..errors import InputError, Problems
from ..table import Table
from .balance import report_features
from .base import GroundTruth


class RandomFunction(GroundTruth, abc.ABC):
    """A function drawn at random, of some continuous features, with declared classes of asked shares."""

    classes: tuple[str, ...]
    features: tuple[str, ...]

    def class_values(self, table: Table) -> tuple:
        """As they are given."""
        return self.classes

    def report_problems(self, table: Table, problems: Problems) -> None:
        """Features that do not fit, and what only making the function shows: too few rows, or too many alike."""
        found = len(problems.sentences)
        report_features(self.features, self.classes, table, problems)
        if len(problems.sentences) > found or table.missing():
            return  # missing values are drawn before the function is made
        try:
            self.fit(table)
        except InputError as error:
            problems.add(str(error))
