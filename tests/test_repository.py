"""The repository itself: what it holds and does not hold, its set-up, its lock file and its wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {
    *(".ci", ".gitattributes", ".gitignore", ".python-version"),
    *("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md"),
    *("docs", "models", "notebooks", "synlabel_prob", "tests"),
    *("pyproject.toml", "requirements.lock"),
}
LARGEST = 1024 * 1024
# Put together here, so that this file holds none of what it looks for.
REGISTRIES = re.compile(
    r"\b(?:" + "|".join(("pypi", "pythonhosted", "npmjs", "debian")) + r")\.(?:org|com)|index" + "-url"
)
MACHINE_PATHS = re.compile("/(?:" + "|".join(("work", "farm", "root", "tmp/bash_jobs", "home", "Users")) + ")/")
NOT_OURS = {
    ".git",
    ".venv",
    "__pycache__",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    ".ipynb_checkpoints",
}
NOT_OURS |= {".import_linter_cache", "results", "build", "dist"}


def _repository_files() -> list[Path]:
    """Tracked files and new ones not ignored; in an unpacked archive, all but what programs left behind."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if (ROOT / ".git").exists() and listing.returncode == 0:
        paths = [ROOT / os.fsdecode(name) for name in listing.stdout.split(b"\0") if name]
        return [path for path in paths if path.is_file()]
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith(".egg-info")]
        found += [Path(folder, name) for name in files]
    return found


FILES = _repository_files()


def _lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    hits = []
    for path in FILES:
        text = path.read_text(encoding="utf-8", errors="ignore")
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.search(line):
                hits.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return hits


def test_files_are_found():
    assert ROOT / "pyproject.toml" in FILES
    assert Path(__file__).resolve() in FILES


def test_top_level_holds_only_what_belongs_there():
    assert {path.relative_to(ROOT).parts[0] for path in FILES} - TOP_LEVEL == set()


@pytest.mark.parametrize("line", ["see https://pypi" + ".org/x", "--index" + "-url=x", "files.pythonhosted" + ".org"])
def test_registry_pattern_sees(line: str):
    assert REGISTRIES.search(line)


@pytest.mark.parametrize("folder", ["work", "root", "home", "Users"])
def test_path_pattern_sees(folder: str):
    assert MACHINE_PATHS.search(f'open("/{folder}/someone/table.csv")')


def test_no_registry_is_named():
    assert _lines_that_match(REGISTRIES) == []


def test_no_path_of_a_machine_is_named():
    assert _lines_that_match(MACHINE_PATHS) == []


def test_no_file_is_large():
    assert [str(path.relative_to(ROOT)) for path in FILES if path.stat().st_size > LARGEST] == []


def test_notebooks_are_stored_without_outputs():
    with_outputs = [
        str(path.relative_to(ROOT))
        for path in FILES
        if path.suffix == ".ipynb"
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell.get("outputs") or cell.get("execution_count") is not None
    ]
    assert with_outputs == []


def _locked_versions() -> dict[str, str]:
    pins = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def _requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(line) for lines in (project["dependencies"], *extras) for line in lines]


UNLOCKED = {"lightgbm", "xgboost"}
"""Of the extra `boosters`: large, and needed by no command; tests that ask them are skipped without them."""


@pytest.mark.parametrize("requirement", [it for it in _requirements() if it.name not in UNLOCKED], ids=str)
def test_lock_file_meets_every_requirement(requirement: Requirement):
    version = _locked_versions()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version)


@pytest.mark.parametrize("requirement", _requirements(), ids=str)
def test_requirements_have_lower_bounds_only(requirement: Requirement):
    assert [part.operator for part in requirement.specifier] in ([">="], [])


def test_wheel_carries_every_ready_model(tmp_path: Path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    models = {f"synlabel_prob/models/{path.name}" for path in (ROOT / "models").glob("*.toml")}
    assert models and models <= carried
    assert {re.split("[-/]", name)[0] for name in carried} == {"synlabel_prob"}


# A Python that says it is of another version: the real interpreter, told so before it runs what it is given.
PRETENDER = """#!{bash}
exec {python} -c 'import sys; sys.version_info = {version}; exec(sys.argv[1])' "$2"
"""


def _machine_with_python(folder: Path, version: tuple[int, int]) -> dict[str, str]:
    """An environment whose PATH holds the tools of the set-up and one `python3` that claims `version`."""
    programs = folder / "programs"
    programs.mkdir()
    for tool in ("bash", "sh", "make", "dirname", "rm", "mkdir", "touch"):
        (programs / tool).symlink_to(_required(tool))
    python = programs / "python3"
    python.write_text(PRETENDER.format(bash=_required("bash"), python=sys.executable, version=version))
    python.chmod(0o755)
    return {"PATH": str(programs), "HOME": str(folder), "PYENV_ROOT": str(folder / "pyenv")}


def _required(tool: str) -> str:
    path = shutil.which(tool)
    assert path, f"the set-up needs {tool}, which is not on PATH"
    return path


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def _is_the_one_sentence(line: str, folder: Path) -> bool:
    starts = line.startswith("synlabel_prob needs Python 3.12 or newer")
    says_where = all(place in line for place in ("$PYTHON", "python3.13", "PATH", f"{folder}/pyenv/versions"))
    return starts and says_where and line.endswith(".") and line.count(". ") == 0


def test_a_python_that_is_too_old_gets_one_sentence(tmp_path: Path):
    environment = _machine_with_python(tmp_path, (3, 11))
    answer = _run(["bash", str(ROOT / ".ci" / "find-python")], tmp_path, environment)
    assert (answer.returncode, answer.stdout) == (2, "")
    (line,) = answer.stderr.splitlines()
    assert _is_the_one_sentence(line, tmp_path), line


def test_a_python_that_will_do_is_found(tmp_path: Path):
    environment = _machine_with_python(tmp_path, (3, 12))
    answer = _run(["bash", str(ROOT / ".ci" / "find-python")], tmp_path, environment)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"{sys.executable}\n", "")


def test_a_pyenv_version_that_is_not_active_is_found(tmp_path: Path):
    environment = _machine_with_python(tmp_path, (3, 11))
    inactive = tmp_path / "pyenv" / "versions" / "3.13.0" / "bin" / "python"
    inactive.parent.mkdir(parents=True)
    inactive.symlink_to(sys.executable)
    answer = _run(["bash", str(ROOT / ".ci" / "find-python")], tmp_path, environment)
    assert (answer.returncode, answer.stdout) == (0, f"{inactive}\n")


@pytest.mark.parametrize("target", ["run", "test"])
def test_make_shows_the_sentence_and_leaves_nothing(tmp_path: Path, target: str):
    environment = _machine_with_python(tmp_path, (3, 11))
    clone = tmp_path / "clone"
    shutil.copytree(ROOT / ".ci", clone / ".ci")
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, clone / name)
    answer = _run(["make", target], clone, environment)
    sentence, *rest = answer.stderr.splitlines()
    assert answer.returncode == 2
    assert _is_the_one_sentence(sentence, tmp_path), answer.stderr
    assert [line.startswith("make: ***") for line in rest] == [True]
    assert not (clone / ".venv").exists()


def test_make_help_names_every_target(tmp_path: Path):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    answer = _run(["make", "help"], ROOT, environment)
    assert answer.returncode == 0
    assert re.findall(r"^make ([a-z-]+) ", answer.stdout, flags=re.MULTILINE) == targets
