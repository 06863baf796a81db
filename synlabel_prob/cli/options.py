"""What the commands share: options, and how what they take becomes a spec."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

Spec = Annotated[str, typer.Argument(metavar="SPEC", help="A spec file (TOML), or the name of a ready model.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one value of the spec, as in --set noise.symmetric.rate=0.2; may be given several times.",
    ),
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Where the result goes; the directory must not exist.")]
Seed = Annotated[str | None, typer.Option(metavar="N", help="Instead of the spec's seed.")]


def whole(text: str | None) -> int | str | None:
    """A whole number where the text is one; the description says what is wrong with anything else."""
    return int(text) if text is not None and text.strip().lstrip("+-").isdecimal() else text


def changed(part: Any, **fields: Any) -> Any:
    """The description with the options that were given; `draws` and a target take each other's place."""
    if "draws" not in fields:
        fields = {name: value for name, value in fields.items() if value is not None}
    return dataclasses.replace(part, **fields)


def read_spec(spec: str, overrides: list[str]) -> tuple:
    """The spec, the directory that its paths start from, and whether they may lead anywhere.

    Where `--set` gives one of them, those of the file are seen to stay in its folder, and made whole.
    """
    from .. import spec as specs
    from ..sources import data_path

    made, folder = specs.read_spec(spec, overrides), specs.spec_path(spec).parent
    keys = {override.partition("=")[0].strip() for override in overrides}
    paths = {key for key in keys if key.endswith(".path")}
    if not paths:
        return made, folder, False
    if "data.path" not in paths and made.data.path is not None:
        whole_path = data_path(made.data, folder)
        made = dataclasses.replace(made, data=dataclasses.replace(made.data, path=str(whole_path)))
    if paths == {"data.path"}:
        made = specs.with_paths(made, folder, allow_outside=False)
    return made, Path.cwd(), True


def with_data(made: Any, path: Path, folder: Path, *, allow_outside: bool) -> Any:
    """The spec with the table in this file, whatever its own is; other paths stay those from its folder."""
    from .. import spec as specs

    made = specs.with_paths(made, folder, allow_outside=allow_outside)
    default = type(made.data)(path=str(path))
    drawn = {} if made.data.law is None else {"law": None, "rows": default.rows, "seed": default.seed}
    data = dataclasses.replace(made.data, table=None, path=str(path), **drawn)
    return dataclasses.replace(made, data=data)
