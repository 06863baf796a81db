"""docs/priors.md says of every family what its class says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from synlabel_prob.priors import DESCRIPTIONS, Custom

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "priors.md").read_text(encoding="utf-8")
LINE = r"^\| `(\w+)` " + r"\| (.*?) " * 6 + r"\|$"
ROWS = {kind: cells for kind, *cells in re.findall(LINE, DOCUMENT, re.MULTILINE)}
KINDS = ("continuous", "ordinal", "categorical")


def conditions(family) -> str:
    """What a family can condition on, in words."""
    own = vars(family).get("conditions_on")
    if isinstance(own, property):
        return "its parts' conditions"
    is_field = "conditions_on" in family.__dataclass_fields__
    choices = get_args(get_type_hints(family)["conditions_on"]) if is_field else (family.conditions_on,)
    words = {"nothing": "nothing", "observed": "observed", "observed_and_label": "and label"}
    return ", ".join(words[choice] for choice in choices)


def test_every_family_has_a_row_and_a_paragraph():
    assert list(ROWS) == [family.kind for family in (*DESCRIPTIONS, Custom)]
    for kind in ROWS:
        assert f"**`{kind}`**" in DOCUMENT or kind == "truth"


@pytest.mark.parametrize("family", (*DESCRIPTIONS, Custom), ids=lambda family: family.kind)
def test_the_row_says_what_the_class_says(family):
    features, conditioned, _, missing, fits, cost = ROWS[family.kind]
    assert features == ("any" if family.takes == set(KINDS) else ", ".join(k for k in KINDS if k in family.takes))
    assert conditioned == conditions(family)
    assert missing == ("yes" if family.handles_missing else "no")
    assert fits == ", ".join(family.fits)
    assert cost == family.cost
