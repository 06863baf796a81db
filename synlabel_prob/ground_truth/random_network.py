"""Networks with random weights: ground truths whose complexity is a matter of width, depth and scale."""

from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..descriptions import description
from ..errors import InputError
from ..table import Table
from .balance import asked_rows, check_classes, complete_rows, places_of, stated_shares, whole_rows
from .decisions import Argmax
from .encoded_linear import EncodedLinearFunction
from .encoding import Encoding
from .network import NetworkFunction
from .offsets import counts_of, offsets_for
from .outcome import Outcome, module_of
from .random_function import RandomFunction


@description
class RandomNetwork(RandomFunction):
    """A network of fully connected layers with random weights, and classes of given shares.

    It sees `features`, all continuous ones by default, standardised by the table. `depth` hidden layers have `width`
    units each; 0 makes a linear function. Weights and intercepts are normal with mean 0 and the standard deviation
    `weight_scale` / sqrt(inputs of the layer), fixed by `random_state`. The intercepts of the last layer are solved so
    that the classes have the shares `balance` of the table's rows, equal ones by default: to one row where no two rows
    tie in a difference of scores; rows that tie get one label, and the shares are the nearest that were found.
    """

    classes: tuple[str, ...]
    features: tuple[str, ...] = ()
    width: Annotated[int, Field(ge=1, le=256)] = 16
    depth: Annotated[int, Field(ge=0, le=10)] = 1
    weight_scale: Annotated[float, Field(gt=0, le=10)] = 1.5
    activation: Literal["relu", "tanh"] = "relu"
    balance: dict[str, float] = Field(default_factory=dict)
    random_state: Annotated[int, Field(ge=0)] = 0
    kind: Literal["random_network"] = "random_network"

    summary = "a network with random weights, of given width and depth; classes of given shares"

    def __post_init__(self) -> None:
        check_classes(self.classes, self.balance)

    def fit(self, table: Table) -> NetworkFunction | EncodedLinearFunction:
        """Random weights, and intercepts that balance the classes on the rows that miss no value; exact.

        Raises:
            InputError: rows tie in such numbers that a class gets none.
        """
        places = places_of(self.features, table)
        rows = complete_rows(table, places)
        encoding = _standardised(rows, places)
        weights, intercepts = self._drawn(len(places))
        # All features of a row at other places are 0: the function does not see them.
        seen = np.zeros((len(rows), len(table.columns)))
        seen[:, places] = rows
        drawn = _function(self, weights, intercepts, encoding, len(table.columns))
        sums = drawn.last_sums(seen) if isinstance(drawn, NetworkFunction) else drawn.scores(seen)
        offsets = self._offsets(_two_scores(sums))
        last = offsets if len(self.classes) > 2 else offsets[1:] - offsets[:1]
        return _function(self, weights, (*intercepts[:-1], last), encoding, len(table.columns))

    def _drawn(self, inputs: int) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Weights (inputs, units) and intercepts (units,), layer by layer; the last intercepts are 0."""
        generator = np.random.default_rng(self.random_state)
        outputs = 1 if len(self.classes) == 2 else len(self.classes)
        sizes = [inputs, *[self.width] * self.depth, outputs]
        weights, intercepts = [], []
        for before, after in itertools.pairwise(sizes):
            scale = self.weight_scale / np.sqrt(before)
            weights.append(generator.normal(0.0, scale, (before, after)))
            intercepts.append(generator.normal(0.0, scale, after))
        return tuple(weights), (*intercepts[:-1], np.zeros(outputs))

    def _offsets(self, scores: np.ndarray) -> np.ndarray:
        classes, offsets, rows = len(self.classes), np.zeros(0), np.zeros(1)
        if len(scores) >= classes:
            offsets = offsets_for(scores, whole_rows(asked_rows(self.classes, self.balance, len(scores))))
            rows = counts_of(scores + offsets, classes)
        if rows.min() > 0:
            return offsets
        raise InputError(
            f"`ground_truth` gives no row to the class {self.classes[int(rows.argmin())]!r}: of the {len(scores)} rows "
            "without missing values too few differ in their scores: take another `random_state`, a larger `width`, or "
            "features that vary more."
        )

    def explain(self) -> str:
        """In words."""
        layers = f"hidden layers: {self.depth} of {self.width} {self.activation} units" if self.depth else "linear"
        seen = ", ".join(self.features) or "all continuous features"
        shares = stated_shares(self.classes, self.balance)
        return f"a random network ({layers}) of {seen}, with offsets that make the classes {shares}"


def _function(
    described: RandomNetwork, weights: tuple, intercepts: tuple, encoding: Encoding, features: int
) -> NetworkFunction | EncodedLinearFunction:
    """The network, or without hidden layers the linear function, whose soft labels have exact routes."""
    classes, two = described.classes, len(described.classes) == 2
    codes = tuple(range(len(classes)))
    rule = "above" if two else "largest"
    if described.depth == 0:
        outcome = Outcome("logistic" if two else "softmax", rule, codes, Argmax(), classes)
        return EncodedLinearFunction(weights[0].T, intercepts[0], encoding, features, outcome, classes)
    outcome = Outcome("fractions", rule, codes, Argmax(), classes, 0.5 if two else 0.0)
    return NetworkFunction(weights, intercepts, encoding, described.activation, outcome, classes)


def _standardised(rows: np.ndarray, places: np.ndarray) -> Encoding:
    """Less the mean, by the standard deviation of each feature; constant ones become 0."""
    ones = np.ones(len(places))
    means = rows.mean(0) if len(rows) else 0 * ones
    spreads = rows.std(0) if len(rows) else ones
    varies = spreads > 1e-12 * np.abs(means)
    steps = np.stack([means, np.where(varies, spreads, 1.0), ones, 0 * ones])
    return Encoding(steps[None], tuple(int(place) for place in places), (-1,) * len(places))


def _two_scores(sums: Any) -> Any:
    """The one score of two classes as two."""
    return module_of(sums).concatenate([0 * sums, sums], -1) if sums.shape[-1] == 1 else sums
