"""The scikit-learn classifiers that a spec file may name, and how each is set up for a table.

The names are written here, because importing scikit-learn only to check a spec takes seconds; a test compares them
with the estimators themselves.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from ..table import Table

_TREE = ("criterion", "max_depth", "max_features", "max_leaf_nodes", "min_samples_leaf", "min_samples_split")
_TREE += ("min_impurity_decrease", "ccp_alpha", "class_weight")
_FOREST = (*_TREE, "n_estimators", "bootstrap", "max_samples", "n_jobs")
_BOOST = ("learning_rate", "max_depth", "max_leaf_nodes", "min_samples_leaf", "n_iter_no_change", "tol")

ESTIMATORS: Mapping[str, tuple[str, ...]] = {
    "DecisionTreeClassifier": (*_TREE, "splitter"),
    "RandomForestClassifier": _FOREST,
    "ExtraTreesClassifier": _FOREST,
    "GradientBoostingClassifier": (*_BOOST, "n_estimators", "subsample", "max_features", "min_samples_split"),
    "HistGradientBoostingClassifier": (*_BOOST, "max_iter", "max_bins", "l2_regularization", "early_stopping"),
    "LogisticRegression": ("C", "l1_ratio", "solver", "max_iter", "tol", "class_weight", "fit_intercept"),
    "LinearSVC": ("C", "loss", "max_iter", "tol", "class_weight", "fit_intercept"),
    "SVC": ("C", "kernel", "degree", "gamma", "coef0", "shrinking", "tol", "class_weight", "max_iter"),
    "KNeighborsClassifier": ("n_neighbors", "weights", "metric", "p", "algorithm", "leaf_size", "n_jobs"),
    "GaussianNB": ("var_smoothing", "priors"),
    "LinearDiscriminantAnalysis": ("solver", "shrinkage", "priors", "tol"),
    "QuadraticDiscriminantAnalysis": ("solver", "shrinkage", "priors", "reg_param", "tol"),
    "MLPClassifier": (
        *("hidden_layer_sizes", "activation", "solver", "alpha", "learning_rate_init", "max_iter"),
        *("batch_size", "early_stopping", "tol", "n_iter_no_change"),
    ),
}
"""Estimator -> the parameters that a spec may set."""

_MODULES: Mapping[str, str] = {
    "DecisionTreeClassifier": "tree",
    "RandomForestClassifier": "ensemble",
    "ExtraTreesClassifier": "ensemble",
    "GradientBoostingClassifier": "ensemble",
    "HistGradientBoostingClassifier": "ensemble",
    "LogisticRegression": "linear_model",
    "LinearSVC": "svm",
    "SVC": "svm",
    "KNeighborsClassifier": "neighbors",
    "GaussianNB": "naive_bayes",
    "LinearDiscriminantAnalysis": "discriminant_analysis",
    "QuadraticDiscriminantAnalysis": "discriminant_analysis",
    "MLPClassifier": "neural_network",
}

_SCALED = ("LogisticRegression", "LinearSVC", "SVC", "KNeighborsClassifier", "MLPClassifier")


def needs_scaling(name: str) -> bool:
    """Whether continuous features are standardised before this estimator."""
    return name in _SCALED


def estimator_class(name: str) -> type:
    """The class of a listed estimator."""
    return getattr(importlib.import_module(f"sklearn.{_MODULES[name]}"), name)


def build(name: str, parameters: Mapping[str, Any], random_state: int, table: Table) -> Any:
    """The estimator, after a scaler and indicators where the table and the estimator need them."""
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in parameters.items()}
    made = estimator_class(name)
    if "random_state" in made().get_params():
        plain["random_state"] = random_state
    steps = _preparation(name, table)
    if not steps:
        return made(**plain)
    from sklearn.pipeline import make_pipeline

    return make_pipeline(*steps, made(**plain))


def _preparation(name: str, table: Table) -> list[Any]:
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    scaled = [StandardScaler()] if needs_scaling(name) else []
    discrete = [column for column in table.columns if column.kind != "continuous"]
    if not discrete:
        return scaled
    # Any, because the type of `categories` is inferred from its default, a text.
    levels: Any = [list(column.levels) for column in discrete]
    indicators = OneHotEncoder(categories=levels, handle_unknown="error", sparse_output=False)
    encode = ColumnTransformer([("indicators", indicators, [c.name for c in discrete])], remainder="passthrough")
    return [encode, *scaled]
