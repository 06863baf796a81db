"""The program run backwards: `synlabel-prob infer`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .options import Out, whole


def infer(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="A CSV or Parquet file, or a result that `generate` wrote.")
    ],
    out: Out,
    target: Annotated[str | None, typer.Option(metavar="NAME", help="The column of observed labels.")] = None,
    votes: Annotated[
        str | None,
        typer.Option(metavar="ROW,WHO,LABEL", help="Columns of a table of votes of several annotators, a vote a line."),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="With --votes, a table with a row for each object: its features, or --soft-labels.",
        ),
    ] = None,
    soft_labels: Annotated[
        str | None,
        typer.Option(metavar="PATTERN", help="Columns of known soft labels of the true class, as in 'p[{class}]'."),
    ] = None,
    observed_soft_labels: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Columns of observed soft labels, instead of --target.")
    ] = None,
    panel_size: Annotated[
        str, typer.Option(metavar="N", help="How many labels stand behind each observed soft label.")
    ] = "1",
    row_id: Annotated[str | None, typer.Option(metavar="NAME", help="The column that names the rows.")] = None,
    classes: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="All classes in order, where not all occur.")
    ] = None,
    features: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Columns that are features; all others by default.")
    ] = None,
    drop: Annotated[str | None, typer.Option(metavar="NAME,...", help="Columns to leave out.")] = None,
    draws: Annotated[str, typer.Option(metavar="N", help="Draws of the posterior, in all chains.")] = "2000",
    chains: Annotated[str, typer.Option(metavar="N", help="Markov chains, run side by side.")] = "2",
    seed: Annotated[str, typer.Option(metavar="N", help="Fixes the draws.")] = "0",
    force: Annotated[bool, typer.Option("--force", help="Replace DIR, once the new result is complete.")] = False,
) -> None:
    """Infer the noise in observed labels, and which of them are wrong: the program run backwards.

    Says first what the labels can tell; where they determine no noise, nothing is written and the exit code is 2.
    Writes posterior.nc (draws, for ArviZ), rows.parquet (each row's true label in probabilities), transition.png and
    summary.json into DIR, all or nothing.
    """
    from .. import inferring, run

    asked = inferring.read_source(
        target=target,
        observed_soft=observed_soft_labels,
        soft_labels=soft_labels,
        panel_size=panel_size,
        row_id=row_id,
        classes=classes,
        features=features,
        drop=drop,
    )
    numbers: Any = {"draws": whole(draws), "chains": whole(chains), "seed": whole(seed)}
    tables: Any = {"votes": inferring.names(votes, "--votes"), "rows": rows}
    options = {**tables, "force": force, "progress": run.Progress("sampling")}
    outcome = inferring.infer(table, out, source=asked, **options, **numbers)
    typer.echo(outcome.to_text())
    typer.echo(f"\nwritten to {out}")
