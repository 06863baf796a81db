"""The application that the commands belong to."""

from __future__ import annotations

import typer

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Data with known soft labels and known label noise, made from real tables.",
    epilog="Example: synlabel-prob generate wine --out results/wine",
)
