"""Every block of Python in the README and in docs/ runs, in order, and says what the text says."""

import contextlib
import functools
import io
import re
import runpy
from pathlib import Path

import pytest

from synlabel_prob import arrows

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(document: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)


@functools.cache
def run(document: Path) -> tuple[dict, str]:
    """The names that its blocks leave and what they print."""
    names: dict = {"__name__": document.stem}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for number, block in enumerate(blocks(document)):
            exec(compile(block, f"{document.name}, block {number}", "exec"), names)
    return names, printed.getvalue()


LONG = (
    "inversion.md",
    "annotators.md",
    "inspection.md",
    "soft_labels.md",
    "extending.md",
)  # 8 to 26 seconds; their subjects have tests of their own


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(it, marks=[pytest.mark.slow] if it.name in LONG else [], id=it.name)
        for it in DOCUMENTS
        if blocks(it)
    ],
)
def test_code_in_the_documents_runs(document):
    run(document)


def test_the_readme_goes_from_a_frame_to_four_datasets_in_fewer_than_20_lines():
    (block,) = blocks(ROOT / "README.md")
    assert len([line for line in block.splitlines() if line.strip()]) < 20
    names, printed = run(ROOT / "README.md")
    made = names["made"]
    assert made.ground_truth.hard_labels.shape == made.observed_hard.hard_labels.shape == (178,)
    assert made.partial.soft_labels.shape == made.observed_soft.soft_labels.shape == (178, 3)
    assert printed.count("row_id") == 4


def test_the_rate_that_the_concepts_infer_is_near_the_true_one():
    # Fixed keys: a posterior mean for 178 labels has a standard deviation of about 0.03 around the true 0.2.
    printed = run(ROOT / "docs" / "concepts.md")[1]
    rate = float(re.search(r"rate: (\S+)", printed).group(1))
    assert 0.1 < rate < 0.3


def test_the_arrows_of_the_concepts_are_those_of_the_code():
    rows = [line for line in arrows.__doc__.splitlines() if line.startswith("|")]
    assert len(rows) > 20
    assert "\n".join(rows) in (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8")


def test_the_picture_of_the_four_datasets_is_drawn(tmp_path):
    runpy.run_path(str(ROOT / "docs" / "four_datasets.py"))["draw"](tmp_path / "four.png")
    assert (tmp_path / "four.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CONTRIBUTING.md"], ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
