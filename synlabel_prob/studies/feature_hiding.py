"""Section 5 of the paper: hide more and more features, and watch soft labels lose what they know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .._lazy import jax
from ..comparison.labels import label_scores, soft_labels
from ..comparison.parts import Ground, complete_places, ground_with, labelled
from ..errors import InputError, Problems
from ..ground_truth import GroundTruth
from ..priors import Prior
from ..process import FittedProcess, Process, report_problems
from ..soft_labels import Evaluator, QuasiMonteCarlo
from ..table import Table
from .curves import MEASURES

MOST_STEPS = 17


def feature_hiding(
    ground_truth: GroundTruth,
    table: Table,
    priors: Mapping[str, Prior],
    key: Any = None,
    *,
    steps: Sequence[int] | None = None,
    order: Sequence[str] | None = None,
    repeats: int = 3,
    evaluator: Evaluator | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Soft labels with the first k features hidden, for each k in `steps`, each prior and each repeat.

    The ground truth is fitted once. A prior is fitted to all rows, whose soft labels it then makes: the study says how
    much is lost with the features, not which prior is right (that is `comparison.compare`). Repeats have keys of their
    own; a fit that does not depend on its key is not repeated. Rows that miss a value have no ground truth: priors that
    can learn from them, and they are left out of the rest.

    Args:
        ground_truth: the function that labels.
        table: the rows.
        priors: by name.
        key: fixes every draw; seed 0 where there is none.
        steps: how many features to hide, by default all numbers up to all but one, and 17 of them at most.
        order: names of the features in the order in which they are hidden, by default that of the table without
            constant ones.
        repeats: how often, each with random numbers of its own.
        evaluator: of the soft labels, by default quasi-Monte Carlo.
        progress: is told (done, total).

    Returns:
        A row for each prior, number of hidden features and repeat: `prior`, `hidden`, `repeat`, and means over rows of
        the soft labels' entropy in nats (`mean_entropy`), of whether their most likely class is the true one
        (`plurality_accuracy`; m classes that tie earn 1 / m), of their total variation distance to the true label
        (`mtvd`) and of the log of their smoothed probability of it (`label_log_score`). Monte Carlo; beside each mean
        its standard error over rows (`_se`), and `curves` adds the Monte Carlo error from the repeats.

    Raises:
        InputError: there is no prior, a step or a name is none of the table's, or a prior does not fit the table.
    """
    names = _order(table, order)
    steps = default_steps(len(names)) if steps is None else tuple(steps)
    _require_sound(priors, steps, repeats, names)
    processes = {
        count: {name: Process(ground_truth, names[:count], prior) for name, prior in priors.items()} for count in steps
    }
    _require_fit(processes, table)
    evaluator = QuasiMonteCarlo() if evaluator is None else evaluator
    key = jax.random.key(0) if key is None else key
    function, labels = labelled(ground_truth, table)
    found, total = [], len(steps) * len(priors) * repeats
    for own in processes.values():
        for name, process in own.items():
            ground = ground_with(process, table, function, labels)
            for repeat, fitted in enumerate(_fits(ground, process.prior, key, repeats)):
                measured = _measured(fitted, ground.judged, evaluator, jax.random.fold_in(key, repeat))
                found.append({"prior": name, "hidden": len(process.hidden), "repeat": repeat, **measured})
                if progress is not None:
                    progress(len(found), total)
    return pd.DataFrame(found)


def default_steps(num_features: int) -> tuple[int, ...]:
    """1 to all but one; evenly spaced where these are more than 17.

    Raises:
        InputError: there are fewer than two features.
    """
    most = num_features - 1
    if most < 1:
        raise InputError(
            f"The study hides features that vary, all but one at most, and the table has {num_features} of them: use a "
            f"table with two or more, or say with `steps` that all are to be hidden."
        )
    return tuple(dict.fromkeys(np.linspace(1, most, min(most, MOST_STEPS)).round().astype(int).tolist()))


def _fits(ground: Ground, prior: Prior, key: Any, repeats: int) -> Iterator[FittedProcess]:
    """A fit for each repeat's key; the first one again once a second key is seen to change nothing."""
    places = np.arange(ground.table.num_rows)
    first = ground.fitted(prior, places, jax.random.fold_in(key, 0))
    yield first
    depends = True
    for repeat in range(1, repeats):
        own = ground.fitted(prior, places, jax.random.fold_in(key, repeat)) if depends else first
        depends = depends and not _same(own.prior, first.prior)
        yield own if depends else first


def _same(one: Any, other: Any) -> bool:
    """Whether two fits hold the same numbers, bit by bit."""
    leaves, others = jax.tree_util.tree_leaves(one), jax.tree_util.tree_leaves(other)
    return len(leaves) == len(others) and all(map(np.array_equal, leaves, others))


def _measured(fitted: FittedProcess, judged: np.ndarray, evaluator: Evaluator, key: Any) -> dict[str, float]:
    soft = soft_labels(fitted, fitted.rows.take(judged), evaluator, key)
    scores = label_scores(soft, fitted.labels[judged])
    made = {}
    for measure in MEASURES:
        values = scores[measure.score]
        error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
        made |= {measure.column: float(values.mean()), f"{measure.column}_se": float(error)}
    return made


# --- checks ---------------------------------------------------------------------------------------------------------


def _order(table: Table, order: Sequence[str] | None) -> tuple[str, ...]:
    if order is None:
        constant = set(table.constant())
        return tuple(name for name in table.feature_names if name not in constant)
    if isinstance(order, str):
        raise InputError(f"`order` must be a list of feature names; got the text {order!r}: put it into a list.")
    table.index(order)
    for name in order:
        if list(order).count(name) > 1:
            raise InputError(f"`order` names {name!r} twice: name each feature once.")
    return tuple(order)


def _require_sound(priors: Mapping[str, Prior], steps: tuple, repeats: Any, names: tuple[str, ...]) -> None:
    problems = Problems()
    if not priors:
        problems.add("`priors` must name at least one prior; got none.")
    wrong = [step for step in steps if not _whole(step) or not 1 <= step <= len(names)]
    if wrong:
        problems.add(
            f"`steps` must be whole numbers from 1 to the number of features that can be hidden, {len(names)}; got "
            f"{wrong[0]!r}."
        )
    if not steps or len(set(steps)) < len(steps):
        problems.add("`steps` must be at least one number, each given once; got none, or one of them twice.")
    if not _whole(repeats) or repeats < 1:
        problems.add(f"`repeats` must be a whole number of at least 1; got {repeats!r}.")
    problems.raise_if_any()


def _whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _require_fit(processes: Mapping[int, Mapping[str, Process]], table: Table) -> None:
    """Raise an `InputError` with what keeps priors from the table, each sentence once."""
    sentences: dict[str, None] = {}
    for count, own in processes.items():
        for name, process in own.items():
            for sentence in report_problems(process, table).sentences:
                sentences.setdefault(f"{name} with {count} hidden: {sentence}")
    if table.missing() and not len(complete_places(table)):
        sentences.setdefault("Every row misses a value, so none has a ground truth: drop the columns that miss most.")
    if sentences:
        raise InputError("\n".join(sentences))
