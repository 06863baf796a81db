"""Models that XGBoost saved as JSON."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import InputError
from ..outcome import Link, Rule
from ..rounded import LAST_BELOW_HALF_IN_SINGLE
from .dump import CategorySet, Dump, DumpedTree, checked, incomplete

_NEWEST = 3
_KINDS: Mapping[str, tuple[Link, Rule]] = {
    "binary:logistic": ("logistic", "above"),
    "multi:softprob": ("softmax", "largest_single_softmax"),
    "multi:softmax": ("softmax", "largest"),
}
_WRONG = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)


def read_xgboost(text: str, what: str) -> Dump:
    """The model in what `save_model("model.json")` wrote, or `save_raw("json")` gave; no library is needed.

    A number goes left where it is below the threshold, both in single precision; sums are in single precision too, from
    the base score on and tree after tree. Where training stopped early, trees after the best iteration are left out, as
    `XGBClassifier.predict` does. Trees that training dropped (DART) weigh what the model says.

    Args:
        text: JSON.
        what: what messages call the model, at the start of a sentence.

    Raises:
        InputError: it is something else, incomplete, of a version that is not known, or of a kind that is not read.
    """
    try:
        made = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise incomplete(what, f"that it is no whole JSON ({error})") from None
    try:
        return checked(_dump(made, what))
    except InputError:
        raise
    except _WRONG as error:
        raise incomplete(what, f"{type(error).__name__}: {error}") from None


def _dump(made: Any, what: str) -> Dump:
    if not isinstance(made, dict) or "learner" not in made:
        raise InputError(
            f"{what} must be a model that XGBoost saved as JSON; it is other JSON: save the model itself by "
            '`booster.save_model("model.json")`, not a dump or a configuration of it.'
        )
    version = made.get("version", [1])
    if version[0] > _NEWEST:
        written = ".".join(map(str, version))
        raise InputError(
            f"{what} must be of XGBoost 1 to {_NEWEST}; it is of {written}, whose format is not known: save it with an "
            "older XGBoost."
        )
    learner = made["learner"]
    link, rule = _kind(learner["objective"]["name"], what)
    model, weights = _trees_of(learner["gradient_booster"], what)
    parameters = learner["learner_model_param"]
    if int(parameters.get("num_target", 1)) > 1:
        raise InputError(f"{what} must have one label a row; it has {parameters['num_target']}: train one model each.")
    outputs = max(int(parameters["num_class"]), 1)
    count = _iterations(learner, model, outputs)
    trees = [_tree(*parts) for parts in zip(model["trees"][:count], model["tree_info"], weights, strict=False)]
    names = tuple(learner.get("feature_names") or ())
    return Dump(
        what=what,
        names=names,
        num_columns=int(parameters["num_feature"]) or len(names),
        trees=tuple(trees),
        base=_base(parameters["base_score"], outputs, what),
        num_classes=max(outputs, 2),
        link=link,
        rule=rule,
        cut=LAST_BELOW_HALF_IN_SINGLE if rule == "above" else 0.0,
        single=True,
        categories=_categories(model, what),
    )


def _kind(objective: str, what: str) -> tuple[Link, Rule]:
    if objective not in _KINDS:
        raise InputError(
            f"{what} must be a classifier, with the objective {', '.join(_KINDS)}; it has {objective!r}: train it "
            "with one of these."
        )
    return _KINDS[objective]


def _trees_of(booster: Mapping[str, Any], what: str) -> tuple[Mapping[str, Any], Any]:
    """The sum of trees, and the weight of each."""
    kind = booster["name"]
    if kind == "gblinear":
        raise InputError(
            f"{what} must be a sum of trees; its booster is gblinear, which has none: train it with another one, or "
            "give its weights to `linear`."
        )
    if kind not in ("gbtree", "dart"):
        raise InputError(f"{what} must be a sum of trees; its booster is {kind!r}, which is not known: use gbtree.")
    model = booster["gbtree"]["model"] if kind == "dart" else booster["model"]
    if not len(model["trees"]) == len(model["tree_info"]) == int(model["gbtree_model_param"]["num_trees"]):
        raise ValueError("the number of trees is not the one that it says")
    if any(int(tree["tree_param"].get("size_leaf_vector", 1)) > 1 for tree in model["trees"]):
        raise InputError(
            f"{what} must have one number in each leaf; it has one for each class: train it with "
            'multi_strategy = "one_output_per_tree".'
        )
    weights = booster.get("weight_drop") or model.get("weight_drop") or [1.0] * len(model["trees"])
    if len(weights) != len(model["trees"]):
        raise ValueError("there is not one weight a tree")
    return model, weights


def _iterations(learner: Mapping[str, Any], model: Mapping[str, Any], outputs: int) -> int:
    """How many trees are summed."""
    best = learner.get("attributes", {}).get("best_iteration")
    if best is None:
        return len(model["trees"])
    after = int(best) + 1
    if "iteration_indptr" in model:
        return int(model["iteration_indptr"][after])
    return after * outputs * int(model["gbtree_model_param"].get("num_parallel_tree", 1))


def _base(score: Any, outputs: int, what: str) -> np.ndarray:
    given = np.array(str(score).strip("[]").split(","), dtype=np.float64).astype(np.float32)
    if outputs > 1:
        return np.broadcast_to(given, outputs).astype(np.float64)
    if not 0 < given[0] < 1:
        raise InputError(f"{what} must have a base score between 0 and 1; it has {given[0]}: train it with one.")
    from scipy.special import xlogy

    # The logarithm is the C library's in single precision, which NumPy's is not.
    return -xlogy(np.float32(1), np.float32(1) / given - np.float32(1)).astype(np.float64)


def _tree(tree: Mapping[str, Any], output: int, weight: float) -> DumpedTree:
    left = np.array(tree["left_children"], dtype=np.int64)
    conditions = np.array(tree["split_conditions"], dtype=np.float64).astype(np.float32)
    right, column = (np.array(tree[name], dtype=np.int64) for name in ("right_children", "split_indices"))
    missing_left = np.array(tree["default_left"], dtype=bool)
    if not len(left) == len(right) == len(conditions) == len(column) == len(missing_left):
        raise ValueError("a tree's lists differ in length")
    # What goes left is below the threshold: up to the number before it.
    before = np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64)
    values = (conditions * np.float32(weight)).astype(np.float64)
    return DumpedTree(column, before, left, right, missing_left, values, int(output), {}, _sets(tree))


def _sets(tree: Mapping[str, Any]) -> dict[int, CategorySet]:
    """Nodes of which the listed categories go right."""
    parts = [tree.get(f"categories{name}", []) for name in ("_nodes", "_segments", "_sizes")]
    listed = tree.get("categories", [])
    found = {node: listed[start : start + size] for node, start, size in zip(*parts, strict=True)}
    if any(kind == 1 and node not in found for node, kind in enumerate(tree.get("split_type", []))):
        raise ValueError("a node on categories has none")
    return {int(node): CategorySet(frozenset(map(int, codes)), inside_left=False) for node, codes in found.items()}


def _categories(model: Mapping[str, Any], what: str) -> dict[int, tuple]:
    """Column to the values of its categories; models of before 3.1 do not know them."""
    encodings = model.get("cats", {}).get("enc", [])
    found = {}
    for column, encoding in enumerate(encodings):
        if "offsets" in encoding:
            content = bytes(number % 256 for number in encoding["values"])
            ends = encoding["offsets"]
            texts = [content[first:last].decode("utf-8") for first, last in itertools.pairwise(ends)]
            found[column] = tuple(texts)
        else:
            found[column] = tuple(encoding["values"])
    return {column: values for column, values in found.items() if values}
