"""Models that LightGBM saved as text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...errors import InputError
from ..outcome import Link, Rule
from ..rounded import last_below_half
from .dump import CategorySet, Dump, DumpedTree, Sides, checked, incomplete

_VERSIONS = ("v2", "v3", "v4")
_WRONG = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)
_ZERO = float(np.float32(1e-35))
"""Numbers up to here count as 0."""
_BELOW_ZERO = float(np.nextafter(-_ZERO, -np.inf))


def read_lightgbm(text: str, what: str) -> Dump:
    """The model in what `save_model("model.txt")` wrote, or `model_to_string()` gave; no library is needed.

    A number goes left where it is not above the threshold, in double precision; numbers of at most 1e-35 in absolute
    value are 0. Missing values go where a node says, or are 0 where the model says so. Sums are in double precision,
    tree after tree.

    Args:
        text: of the file.
        what: what messages call the model, at the start of a sentence.

    Raises:
        InputError: it is something else, incomplete, of a version that is not known, or of a kind that is not read.
    """
    try:
        return checked(_dump(text, what))
    except InputError:
        raise
    except _WRONG as error:
        raise incomplete(what, f"{type(error).__name__}: {error}") from None


def _dump(text: str, what: str) -> Dump:
    lines = text.splitlines()
    if "end of trees" not in lines:
        raise incomplete(what, "that it ends before all trees are there")
    end = lines.index("end of trees")
    starts = [place for place, line in enumerate(lines[:end]) if line.startswith("Tree=")]
    header = _keys(lines[: starts[0] if starts else end])
    if header.get("version") not in _VERSIONS:
        raise InputError(
            f"{what} must be of the format {', '.join(_VERSIONS)}; it is of {header.get('version')!r}, which is not "
            "known: save it with another LightGBM."
        )
    blocks = [_keys(lines[first:last]) for first, last in zip(starts, [*starts[1:], end], strict=True)]
    if "tree_sizes" in header and len(header["tree_sizes"].split()) != len(blocks):
        raise ValueError("the number of trees is not the one that it says")
    kind = _kind(header["objective"].split(), what)
    outputs = int(header["num_tree_per_iteration"])
    if (outputs == 1) != (kind.rule == "above") or len(blocks) % outputs:
        raise ValueError(f"{outputs} trees an iteration do not go with {header['objective']!r} and {len(blocks)} trees")
    if any(block.get("is_linear", "0") != "0" for block in blocks):
        raise InputError(f"{what} must have numbers in its leaves; it has lines: train it with linear_tree = false.")
    return Dump(
        what=what,
        names=_names(header["feature_names"].split()),
        num_columns=int(header["max_feature_idx"]) + 1,
        trees=tuple(_tree(block, place % outputs) for place, block in enumerate(blocks)),
        base=np.zeros(outputs),
        num_classes=max(outputs, 2),
        is_mean="average_output" in header,
        category_lists=_category_lists(lines[end:]),
        **kind._asdict(),
    )


def _keys(lines: Sequence[str]) -> dict[str, str]:
    return {line.partition("=")[0]: line.partition("=")[2] for line in lines if line}


def _names(names: Sequence[str]) -> tuple[str, ...]:
    """None where they are those that LightGBM makes up."""
    return () if list(names) == [f"Column_{place}" for place in range(len(names))] else tuple(names)


class _Kind(NamedTuple):
    link: Link
    rule: Rule
    cut: float = 0.0
    scale: float = 1.0


def _kind(objective: Sequence[str], what: str) -> _Kind:
    name, options = objective[0], dict(it.split(":", 1) for it in objective[1:] if ":" in it)
    scale = float(options.get("sigmoid", 1.0))
    if name == "binary":
        return _Kind("logistic", "above", last_below_half(scale), scale)
    if name == "multiclass":
        return _Kind("softmax", "largest_softmax")
    if name == "multiclassova":
        return _Kind("one_against_rest", "largest_logistic", 0.0, scale)
    raise InputError(
        f"{what} must be a classifier, with the objective binary, multiclass or multiclassova; it has {name!r}: train "
        "it with one of these."
    )


def _tree(block: Mapping[str, str], output: int) -> DumpedTree:
    """Inner nodes first, then leaves, which the file has as the complements of their numbers."""
    leaves = int(block["num_leaves"])
    inner, values = leaves - 1, _numbers(block["leaf_value"], np.float64, leaves)
    left, right, column, kinds = (
        _numbers(block.get(name, ""), np.int64, inner)
        for name in ("left_child", "right_child", "split_feature", "decision_type")
    )
    thresholds = _numbers(block.get("threshold", ""), np.float64, inner)
    sets = _sets(block, thresholds, kinds)
    sides, missing_left = zip(*map(_sides, thresholds.tolist(), kinds.tolist()), strict=True) if inner else ((), ())
    several = {node: it for node, it in enumerate(sides) if len(it.edges) > 1 and node not in sets}
    nowhere, every = np.full(leaves, -1), np.arange(inner)
    is_set = np.isin(every, list(sets))
    return DumpedTree(
        column=np.append(column, nowhere),
        threshold=np.append([it.edges[0] for it in sides], np.zeros(leaves)),
        left=np.append(np.where(left < 0, inner + ~left, left), nowhere),
        right=np.append(np.where(right < 0, inner + ~right, right), nowhere),
        missing_left=np.append(np.array(missing_left, dtype=bool) & ~is_set, np.zeros(leaves, dtype=bool)),
        leaf_values=np.append(np.zeros(inner), values),
        output=output,
        sides=several,
        sets=sets,
    )


def _numbers(text: str, dtype: Any, count: int) -> np.ndarray:
    found = np.array(text.split(), dtype=dtype)
    if len(found) != count:
        raise ValueError(f"a list of a tree has {len(found)} numbers where {count} belong")
    return found


def _sides(threshold: float, kind: int) -> tuple[Sides, bool]:
    """Where the numbers of a node go, and whether missing ones go left.

    Bit 1 of the kind says where missing values go by default, bits 2 and 3 what is missing: nothing (0), numbers that
    count as 0 and what is missing (1), or what is missing (2). What counts as 0 is compared as 0.
    """
    by_default, missing = bool(kind & 2), (kind >> 2) & 3
    zeros_left = by_default if missing == 1 else threshold >= 0
    edges = (*((threshold,) if threshold < _BELOW_ZERO else ()), _BELOW_ZERO, _ZERO)
    edges = (*edges, *((threshold,) if threshold > _ZERO else ()))
    left = [edge <= threshold for edge in edges] + [False]
    left[edges.index(_ZERO)] = zeros_left
    kept = [place for place in range(len(edges)) if left[place] != left[place + 1]]
    sides = Sides(tuple(edges[place] for place in kept), (*(left[place] for place in kept), False))
    return sides, by_default if missing == 2 else zeros_left


def _sets(block: Mapping[str, str], thresholds: np.ndarray, kinds: np.ndarray) -> dict[int, CategorySet]:
    """Nodes on categories (bit 0 of the kind), whose threshold is the number of a set of bits; these go left."""
    nodes = np.flatnonzero(kinds & 1)
    if not len(nodes):
        return {}
    bounds = [int(it) for it in block["cat_boundaries"].split()]
    words = [int(it) for it in block["cat_threshold"].split()]
    found = {}
    for node, number in zip(nodes.tolist(), thresholds[nodes].astype(int).tolist(), strict=True):
        own = words[bounds[number] : bounds[number + 1]]
        codes = [32 * place + bit for place, word in enumerate(own) for bit in range(32) if word >> bit & 1]
        found[node] = CategorySet(frozenset(codes), inside_left=True)
    return found


def _category_lists(lines: Sequence[str]) -> tuple[tuple, ...]:
    last = next((line for line in lines if line.startswith("pandas_categorical:")), "pandas_categorical:[]")
    return tuple(tuple(values) for values in json.loads(last.partition(":")[2]) or ())
