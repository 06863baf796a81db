"""Checks of the contracts, for this project's parts and for those that people write themselves.

Each raises an `AssertionError` that says what disagrees. Checks that draw use the key that they are given, an exact
gate and a stated chance of a false alarm.
"""

from .annotators import check_annotators
from .frequencies import assert_frequencies, assert_uniform
from .ground_truths import check_ground_truth
from .missing_values import check_missing_values
from .noise import check_noise
from .observations import check_observation
from .parts import check_description
from .prior_facts import check_prior_facts
from .priors import check_prior, reference_rows

__all__ = [
    "assert_frequencies",
    "assert_uniform",
    "check_annotators",
    "check_description",
    "check_ground_truth",
    "check_missing_values",
    "check_noise",
    "check_observation",
    "check_prior",
    "check_prior_facts",
    "reference_rows",
]
