"""What a run in chunks cannot do, because it takes all rows at once."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Problems
from ..observations import Missing
from ..priors import FiniteMixture, Prior, Product, Truth
from ..process import Process


def report_problems(described: Process) -> Problems:
    """A sentence on each part of a process that needs all rows at once."""
    problems = Problems()
    end = "leave `chunk_rows` out."
    for node in described.noise:
        if node.selection == "exact_count":
            problems.add(
                f"`noise.{node.label}` changes an exact count of labels among all rows, which chunks do not see: use "
                f'`selection = "independent"`, or {end}'
            )
    if described.feature_noise:
        problems.add(
            "`feature_noise` goes by the values that each feature has in all rows, which chunks do not see: remove it, "
            f"or {end}"
        )
    if described.annotation is not None:
        problems.add(f"`annotation` deals out all rows at once, which chunks do not see: remove it, or {end}")
    if isinstance(described.observation, Missing) and described.observation.more_often is not None:
        problems.add(
            "`observation` reaches its rate on the soft labels of all rows, which chunks do not see: use a rate "
            f"without `more_often`, or {end}"
        )
    for prior in _parts(described.prior):
        if prior.needs_own_values or isinstance(prior, Truth):
            problems.add(
                f"the prior {prior.kind!r} goes by each row's own hidden features and knows only those of the "
                f"reference rows: use another prior, or {end}"
            )
    return problems


def _parts(prior: Prior) -> Iterator[Prior]:
    """The prior, and those that it is made of."""
    yield prior
    if isinstance(prior, FiniteMixture | Product):
        for own in prior.parts if isinstance(prior, FiniteMixture) else prior.blocks:
            yield from _parts(own.prior)
