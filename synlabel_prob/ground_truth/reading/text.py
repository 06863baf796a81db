"""Which library a saved model is of, and models of objects that are at hand."""

from __future__ import annotations

import math
from typing import Any

from ...errors import InputError
from .dump import Dump
from .lightgbm_text import read_lightgbm
from .xgboost_json import read_xgboost

_SAVE_XGBOOST = 'save it as JSON by `booster.save_model("model.json")`'
_SAVE_LIGHTGBM = 'save it as text by `booster.save_model("model.txt")`'
_CLASSIFIERS = {"xgboost": "XGBClassifier", "lightgbm": "LGBMClassifier"}


def dump_of(content: bytes, what: str) -> Dump:
    """The model in the bytes of a file, of either library.

    Args:
        content: of the file.
        what: what messages call it, at the start of a sentence.

    Raises:
        InputError: it is something else, incomplete, of a version that is not known, or of a kind that is not read.
    """
    if not content.strip():
        raise InputError(f"{what} must be a model saved by XGBoost or LightGBM; it is empty: save the model again.")
    text = _text(content, what)
    start = text.lstrip()
    if start.startswith("{"):
        if '"tree_info"' in start and '"learner"' not in start and '"max_feature_idx"' in start:
            raise InputError(f"{what} must be a model that LightGBM saved as text; it is a dump: {_SAVE_LIGHTGBM}.")
        return read_xgboost(text, what)
    if start.startswith("tree") and "version=" in start[:100]:
        return read_lightgbm(text, what)
    raise InputError(
        f"{what} must be a model saved by XGBoost as JSON or by LightGBM as text; it begins with {start[:20]!r}: of "
        f"XGBoost, {_SAVE_XGBOOST}, of LightGBM, {_SAVE_LIGHTGBM}."
    )


def _text(content: bytes, what: str) -> str:
    if content.startswith((b"\x80", b"\x1f\x8b", b"PK\x03\x04")):
        raise InputError(
            f"{what} must be a model saved as text; it is a pickle or packed, which is never opened: of XGBoost, "
            f"{_SAVE_XGBOOST}, of LightGBM, {_SAVE_LIGHTGBM}."
        )
    if content.startswith(b"{") and b"\0" in content[:100]:
        raise InputError(f"{what} must be JSON; it is UBJSON, the binary form of XGBoost: {_SAVE_XGBOOST}.")
    if b"\0" in content:
        raise InputError(
            f"{what} must be a model saved as text; it is binary: of XGBoost, {_SAVE_XGBOOST}, of LightGBM, "
            f"{_SAVE_LIGHTGBM}."
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{what} must be text in UTF-8; it is in another encoding: save the model again.") from None


def is_booster(model: Any) -> bool:
    """Whether an object is a Booster of either library; that they are installed follows from there being one."""
    return _library(model) != "" and type(model).__name__ == "Booster"


def dump_of_booster(booster: Any) -> Dump:
    """The model in a Booster; errors as for `dump_of`."""
    if _library(booster) == "xgboost":
        return read_xgboost(bytes(booster.save_raw("json")).decode("utf-8"), "the Booster of XGBoost")
    return read_lightgbm(booster.model_to_string(), "the Booster of LightGBM")


def booster_of(classifier: Any) -> Any | None:
    """The Booster of a fitted classifier of one of the libraries; None for other classes, subclasses among them.

    None too where numbers stand for missing values, because that is not in what XGBoost saves.
    """
    library = _library(classifier)
    if not library or type(classifier).__name__ != _CLASSIFIERS[library]:
        return None
    if library == "lightgbm":
        return classifier.booster_
    return classifier.get_booster() if math.isnan(classifier.missing) else None


def _library(model: Any) -> str:
    library = type(model).__module__.partition(".")[0]
    return library if library in _CLASSIFIERS else ""
