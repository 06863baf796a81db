"""The contract of a ground-truth function."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np

from .._lazy import jax, jnp
from ..errors import InputError
from ..ground_truth import GroundTruth, GroundTruthFunction, host_labels, host_probabilities, restored
from ..table import Table
from .parts import check_description, expect, expect_sentences, reported


def check_ground_truth(description: GroundTruth, table: Table, *, written: bool = True) -> None:
    """Everything that the contract of a ground-truth function promises, on the rows of one table; nothing is random.

    Args:
        description: the function.
        table: its features, and its target where the function is learned.
        written: False for a function that a spec file cannot hold.
    """
    check_description(description, written=written)
    sentences = reported(description.report_problems, table)
    expect(not sentences, f"no problem must be reported for a table that fits; got {sentences}")
    classes = description.class_values(table)
    expect(len(set(classes)) == len(classes) >= 2, f"at least two classes, each once; got {classes}")
    with jax.enable_x64(True):
        function = description.fit(table)
        expect(function.classes == classes, f"fitted classes must be those declared; got {function.classes}")
        _check_labels(function, table.features)
        _check_in_jax(function, table.features)
        _check_probabilities(description, function, table.features)
    _check_single_precision(function, table.features)
    _check_saved(function, table.features)
    _check_report(description, table)


def _check_saved(function: GroundTruthFunction, features: np.ndarray) -> None:
    """Saved and read back, through JSON, it labels every row as before."""
    saved = function.saved()
    if saved is None:
        return
    read = json.loads(json.dumps(saved, allow_nan=False))
    expect(read == saved, "`saved` must be plain values or None")
    for name in saved:
        try:
            restored({key: value for key, value in read.items() if key != name})
        except InputError:
            continue
        raise AssertionError(f"restored without {name!r} it must be an InputError")
    with jax.enable_x64(True):
        again = restored(read)
        same = np.array_equal(again.labels(features), function.labels(features))
    expect(
        same and again.classes == function.classes, "a restored function must give the same labels of the same classes"
    )


def _check_labels(function: GroundTruthFunction, features: np.ndarray) -> None:
    labels = np.asarray(function.labels(features))
    expect(labels.dtype.kind in "iu", f"labels must be integer codes; got {labels.dtype}")
    expect(labels.min() >= 0 and labels.max() < len(function.classes), "labels must be codes of declared classes")
    even = len(features) // 2 * 2
    shapes = {"one row": features[0], "a grid of rows": features[:even].reshape(2, even // 2, -1)}
    expected = {"one row": labels[0], "a grid of rows": labels[:even].reshape(2, -1)}
    for name, batch in shapes.items():
        np.testing.assert_array_equal(function.labels(batch), expected[name], name)
    for shape in ((0,), (3, 0)):
        empty = np.asarray(function.labels(np.zeros((*shape, features.shape[-1]))))
        expect(empty.shape == shape and empty.dtype.kind in "iu", f"an empty batch {shape} gives {empty!r}")
    order = np.random.default_rng(0).permutation(len(features))
    np.testing.assert_array_equal(function.labels(features[order]), labels[order], "permuted rows")


def _check_in_jax(function: GroundTruthFunction, features: np.ndarray) -> None:
    expected = np.asarray(function.labels(features))
    found = jax.jit(lambda features: host_labels(function, features))(jnp.asarray(features))
    expect(np.asarray(found).dtype.kind in "iu", f"labels inside JAX must be integers; got {found.dtype}")
    np.testing.assert_array_equal(found, expected, "labels inside a JAX program")
    if function.has_probabilities:
        expected = np.asarray(function.probabilities(features))
        found = jax.jit(lambda features: host_probabilities(function, features))(jnp.asarray(features))
        np.testing.assert_allclose(found, expected, atol=1e-12, err_msg="probabilities inside a JAX program")


def _check_single_precision(function: GroundTruthFunction, features: np.ndarray) -> None:
    """Compiled in single precision the function labels as in double, except for a few rows on a boundary."""
    with jax.enable_x64(True):
        expected = np.asarray(function.labels(features))
    with jax.enable_x64(False):
        found = jax.jit(lambda features: host_labels(function, features))(jnp.asarray(features))
        expect(np.asarray(found).dtype.kind in "iu", f"labels in single precision must be integers; got {found.dtype}")
    differ = int((np.asarray(found) != expected).sum())
    expect(differ <= 1 + len(features) // 100, f"{differ} labels of {len(features)} differ in single precision")


def _check_probabilities(description: Any, function: GroundTruthFunction, features: np.ndarray) -> None:
    if not function.has_probabilities:
        try:
            function.probabilities(features)
        except InputError:
            return
        raise AssertionError("`probabilities` of a function that has none must be an InputError")
    probabilities = np.asarray(function.probabilities(features))
    expect(probabilities.shape == (len(features), len(function.classes)), f"got the shape {probabilities.shape}")
    expect(probabilities.min() >= 0, "probabilities must not be negative")
    np.testing.assert_allclose(probabilities.sum(-1), 1.0, atol=1e-9, err_msg="probabilities of one row")
    empty = np.asarray(function.probabilities(features[:0]))
    expect(empty.shape == (0, len(function.classes)), f"an empty batch gives the shape {empty.shape}")
    if hasattr(description, "decision"):
        decided = description.decision.decide(probabilities, function.classes)
        np.testing.assert_array_equal(decided, function.labels(features), "the decision applied to the probabilities")


def _check_report(description: GroundTruth, table: Table) -> None:
    """Without one of its columns, the table is either refused in a sentence about that column, or it fits."""
    for place, column in enumerate(table.columns):
        kept = table.columns[:place] + table.columns[place + 1 :]
        smaller = dataclasses.replace(table, columns=kept, features=np.delete(table.features, place, axis=1))
        if sentences := reported(description.report_problems, smaller):
            expect_sentences(sentences, column.name)
        else:
            description.fit(smaller)
