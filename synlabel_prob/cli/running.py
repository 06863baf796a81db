"""Running a spec, and looking at what came of it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import InputError
from .app import app
from .options import Out, Seed, Set, Spec, changed, read_spec, whole, with_data


@app.command(epilog="Example: synlabel-prob generate my.toml --out results/my --set seed=7")
def generate(
    spec: Spec,
    out: Out,
    seed: Seed = None,
    draws: Annotated[str | None, typer.Option(metavar="N", help="Evaluations for each row's soft label.")] = None,
    target_se: Annotated[
        str | None,
        typer.Option(metavar="X", help="Evaluate until each standard error is at most X, instead of --draws."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The table's file, instead of the table that SPEC names.")
    ] = None,
    chunk_rows: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Read a Parquet table N rows at a time, never whole, and go on after an interruption; it changes no "
            "bit of dataset.parquet.",
        ),
    ] = None,
    reference_rows: Annotated[
        str | None,
        typer.Option(metavar="N", help="With --chunk-rows, fit the process to N rows, picked by their ids; 10000."),
    ] = None,
    set_: Set = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace DIR, once the new result is complete, and chunks that another run left."),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a prior's fit that should not be trusted, instead of warning.")
    ] = False,
) -> None:
    """Generate a dataset: soft labels, noisy soft labels, noisy hard labels, and what each noise node did.

    Writes dataset.parquet (a row for each row of the table), process.nc (everything, for ArviZ), spec.toml (what was
    run) and summary.json into DIR, all or nothing, and prints the summary. With --chunk-rows there is no process.nc,
    finished chunks wait in a hidden folder beside DIR, and the same command goes on with them.
    """
    from .. import report, run

    made, base, outside = read_spec(spec, set_ or [])
    if data is not None:
        made, base, outside = with_data(made, data, base, allow_outside=outside), Path.cwd(), True
    made = changed(made, seed=whole(seed))
    if draws is not None or target_se is not None:
        others = {"target_plurality": None} if hasattr(made.soft_labels, "target_plurality") else {}
        asked = changed(made.soft_labels, draws=draws, target_standard_error=target_se, **others)
        made = dataclasses.replace(made, soft_labels=asked)
    progress = run.Progress("soft labels")
    options: Any = {"allow_outside": outside, "force": force, "strict": strict, "progress": progress}
    if reference_rows is not None and chunk_rows is None:
        raise InputError("--reference-rows is for a table that is read in chunks: give --chunk-rows too.")
    if chunk_rows is not None:
        options |= {"chunk_rows": whole(chunk_rows), "say": typer.echo}
        options |= {} if reference_rows is None else {"reference_rows": whole(reference_rows)}
    result = run.generate(made, out, base_directory=base, **options)
    typer.echo(report.to_text(result))
    typer.echo(f"\nwritten to {out}")


@app.command(epilog="Example: synlabel-prob compare wine --prior gaussian --prior similar_rows --out results/compared")
def compare(
    specs: Annotated[list[str], typer.Argument(metavar="SPEC...", help="Spec files, or names of ready models.")],
    out: Out,
    prior: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="A kind of prior, with its defaults in place of the one SPEC's; may be given several times.",
        ),
    ] = None,
    folds: Annotated[str, typer.Option(metavar="N", help="How many parts the rows are dealt into.")] = "5",
    seed: Annotated[str | None, typer.Option(metavar="N", help="Instead of the first spec's seed.")] = None,
    set_: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Replace DIR, once the new comparison is complete.")] = False,
) -> None:
    """Compare priors on rows that they did not see: of several specs, or several kinds for one spec.

    Specs have to agree in data, ground truth and hidden features. Writes comparison.parquet (scores), rows.parquet
    (scores of each row), comparison.png and comparison.json into DIR, all or nothing, and prints tables and a verdict.
    """
    from .. import comparing, comparison, run

    read = [read_spec(spec, set_ or []) for spec in specs]
    if prior and len(specs) > 1:
        raise InputError(f"--prior takes the place of the prior of one spec; got {len(specs)} specs: name one.")
    number: Any = whole(folds)
    made = [changed(part, seed=whole(seed)) for part, _, _ in read]
    every = comparing.with_priors(made[0], prior) if prior else dict(zip(comparing.named(specs), made, strict=True))
    places = [base for _, base, _ in read] * (len(every) if prior else 1)
    options = {"folders": dict(zip(every, places, strict=True)), "allow_outside": read[0][2], "force": force}
    result = comparing.compare(every, out, folds=number, progress=run.Progress("fitting"), **options)
    typer.echo(comparison.to_text(result))
    typer.echo(f"\nwritten to {out}")


@app.command(epilog="Example: synlabel-prob check my.toml")
def check(spec: Spec, set_: Set = None) -> None:
    """Find everything that is wrong with a spec and its table, without running it."""
    from .. import spec as specs

    made, base, outside = read_spec(spec, set_ or [])
    specs.check(made, base, allow_outside=outside).raise_if_any()
    typer.echo(f"{spec}: nothing is wrong")


@app.command(epilog="Example: synlabel-prob explain wine --graph wine.png")
def explain(
    spec: Spec,
    graph: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw the graph (PNG, SVG or PDF by the ending).")
    ] = None,
    set_: Set = None,
) -> None:
    """Say in words what a spec does: what depends on what, which step is exact and which is sampled."""
    from .. import explain as explaining

    made, _, _ = read_spec(spec, set_ or [])
    typer.echo(explaining.to_text(made.title, made.process, made.soft_labels))
    if graph is not None:
        explaining.draw(made.process, made.soft_labels, graph)
        typer.echo(f"\ngraph drawn to {graph}")


@app.command(epilog="Example: synlabel-prob schema > synlabel.schema.json")
def schema() -> None:
    """Print the JSON schema of a spec, for editors that complete and check TOML."""
    from .. import spec as specs

    typer.echo(json.dumps(specs.json_schema(), indent=2))


@app.command("list", epilog="Example: synlabel-prob list noise")
def list_(
    section: Annotated[
        str | None, typer.Argument(metavar="[SECTION]", help="Only this section, as noise, with papers and exactness.")
    ] = None,
) -> None:
    """List the priors, ground truths, noise nodes, annotators, evaluators, tables and ready models that there are."""
    from .. import spec as specs

    plain = {name: {kind: (text, "") for kind, text in parts.items()} for name, parts in specs.describe_parts().items()}
    for name, parts in (plain if section is None else specs.describe_section(section)).items():
        typer.echo(name)
        width = max(len(kind) for kind in parts)
        for kind, (summary, source) in parts.items():
            typer.echo(f"  {kind:<{width}}  {summary}")
            if source:
                typer.echo(f"  {'':<{width}}    {source}")


@app.command(epilog="Example: synlabel-prob verify results/wine")
def verify(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A result that `generate` wrote.")],
    data: Annotated[Path | None, typer.Option(metavar="PATH", help="Where the table is now, if it moved.")] = None,
) -> None:
    """Compute a result again from its stored spec and seed, and say whether it is the same."""
    from .. import run

    differences = run.verify(directory, data_path=data, progress=run.Progress())
    for sentence in differences:
        typer.echo(sentence)
    if differences:
        raise typer.Exit(1)
    typer.echo(f"{directory}: the same")


@app.command(epilog="Example: synlabel-prob inspect results/wine --row 96")
def inspect(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A result that `generate` wrote.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the pictures go; DIR-plots by default.")
    ] = None,
    row: Annotated[
        str | None, typer.Option(metavar="ID", help="The row to draw by itself, instead of the most uncertain one.")
    ] = None,
    data: Annotated[Path | None, typer.Option(metavar="PATH", help="Where the table is now, if it moved.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace pictures that are there.")] = False,
) -> None:
    """Draw a result: hidden features against the data, the prior's calibration, soft labels, one row.

    Fits the prior again from the stored spec and seed, writes a PNG file for each picture that applies, all or
    nothing, and says whether the fit can be trusted.
    """
    from .. import pictures, run

    made = pictures.inspect(directory, out, row=row, data_path=data, force=force, progress=run.Progress())
    for sentence in made.sentences or ("Nothing speaks against the fit of the prior.",):
        typer.echo(f"warning: {sentence}" if made.sentences else sentence)
    for name in made.files:
        typer.echo(f"  {made.folder / name}")
    for name, reason in made.left_out.items():
        typer.echo(f"no {name}: {reason}")
