"""The command `synlabel-prob`: a thin shell around the modules that turn files into files.

What a command needs is imported when it runs, because `--help` has to answer at once.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import InputError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Data with known soft labels and known label noise, made from real tables.",
    epilog="Example: synlabel-prob generate wine --out results/wine",
)
study = typer.Typer(
    no_args_is_help=True,
    help="Ready experiments on the table and the ground truth of a spec.",
    epilog="Example: synlabel-prob study hiding wine --out results/hiding",
)
app.add_typer(study, name="study")

Spec = Annotated[str, typer.Argument(metavar="SPEC", help="A spec file (TOML), or the name of a ready model.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change one value of the spec, as in --set noise.symmetric.rate=0.2; may be given several times.",
    ),
]


@app.command(epilog="Example: synlabel-prob generate my.toml --out results/my --set seed=7")
def generate(
    spec: Spec,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the result goes; the directory must not exist.")],
    seed: Annotated[str | None, typer.Option(metavar="N", help="Instead of the spec's seed.")] = None,
    draws: Annotated[str | None, typer.Option(metavar="N", help="Evaluations for each row's soft label.")] = None,
    target_se: Annotated[
        str | None,
        typer.Option(metavar="X", help="Evaluate until each standard error is at most X, instead of --draws."),
    ] = None,
    set_: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Replace DIR, once the new result is complete.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a prior's fit that should not be trusted, instead of warning.")
    ] = False,
) -> None:
    """Generate a dataset: soft labels, noisy soft labels, noisy hard labels, and what each noise node did.

    Writes dataset.parquet (a row for each row of the table), process.nc (everything, for ArviZ), spec.toml (what was
    run) and summary.json into DIR, all or nothing, and prints the summary.
    """
    from . import report, run

    made, base, outside = _read(spec, set_ or [])
    made = _changed(made, seed=_whole(seed))
    if draws is not None or target_se is not None:
        asked = _changed(made.soft_labels, draws=draws, target_standard_error=target_se)
        made = dataclasses.replace(made, soft_labels=asked)
    progress = run.Progress("soft labels")
    options = {"allow_outside": outside, "force": force, "strict": strict, "progress": progress}
    result = run.generate(made, out, base_directory=base, **options)
    typer.echo(report.to_text(result))
    typer.echo(f"\nwritten to {out}")


@app.command(epilog="Example: synlabel-prob compare wine --prior gaussian --prior similar_rows --out results/compared")
def compare(
    specs: Annotated[list[str], typer.Argument(metavar="SPEC...", help="Spec files, or names of ready models.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the result goes; the directory must not exist.")],
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
    from . import comparing, comparison, run

    read = [_read(spec, set_ or []) for spec in specs]
    if prior and len(specs) > 1:
        raise InputError(f"--prior takes the place of the prior of one spec; got {len(specs)} specs: name one.")
    number: Any = _whole(folds)
    made = [_changed(part, seed=_whole(seed)) for part, _, _ in read]
    every = comparing.with_priors(made[0], prior) if prior else dict(zip(comparing.named(specs), made, strict=True))
    places = [base for _, base, _ in read] * (len(every) if prior else 1)
    options = {"folders": dict(zip(every, places, strict=True)), "allow_outside": read[0][2], "force": force}
    result = comparing.compare(every, out, folds=number, progress=run.Progress("fitting"), **options)
    typer.echo(comparison.to_text(result))
    typer.echo(f"\nwritten to {out}")


@study.command(
    epilog="Example: synlabel-prob study hiding wine --prior kernel_density --prior chained --out results/hiding"
)
def hiding(
    spec: Spec,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the result goes; the directory must not exist.")],
    prior: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="A kind of prior, instead of SPEC's own; may be given several times."),
    ] = None,
    steps: Annotated[
        str | None,
        typer.Option(metavar="N,N-N,...", help="How many features to hide, as in 1,5,9 or 1-4; 17 steps by default."),
    ] = None,
    repeats: Annotated[str, typer.Option(metavar="N", help="Runs with random numbers of their own.")] = "3",
    seed: Annotated[str | None, typer.Option(metavar="N", help="Instead of the spec's seed.")] = None,
    set_: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Replace DIR, once the new result is complete.")] = False,
) -> None:
    """Hide the first features of the table, more and more of them: how much do soft labels still know?

    Takes data, ground truth, prior and evaluation from SPEC; which features SPEC hides and its noise play no part.
    Constant features are passed over. Writes curves.parquet (a row for each prior, number of hidden features and
    repeat) and curves.png into DIR, all or nothing, and prints the curves.
    """
    from . import run, studies, studying

    made, base, outside = _read(spec, set_ or [])
    made, number = _changed(made, seed=_whole(seed)), _whole(repeats)
    options: Any = {"kinds": prior or (), "steps": studying.read_steps(steps), "repeats": number, "force": force}
    places = {"base_directory": base, "allow_outside": outside}
    found = studying.hiding(made, out, progress=run.Progress("hiding features"), **places, **options)
    typer.echo(studies.to_text(found, title=studying.title_of(made)))
    typer.echo(f"\nwritten to {out}")


@app.command(epilog="Example: synlabel-prob check my.toml")
def check(spec: Spec, set_: Set = None) -> None:
    """Find everything that is wrong with a spec and its table, without running it."""
    from . import spec as specs

    made, base, outside = _read(spec, set_ or [])
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
    from . import explain as explaining

    made, _, _ = _read(spec, set_ or [])
    typer.echo(explaining.to_text(made.title, made.process, made.soft_labels))
    if graph is not None:
        explaining.draw(made.process, made.soft_labels, graph)
        typer.echo(f"\ngraph drawn to {graph}")


@app.command(epilog="Example: synlabel-prob schema > synlabel.schema.json")
def schema() -> None:
    """Print the JSON schema of a spec, for editors that complete and check TOML."""
    from . import spec as specs

    typer.echo(json.dumps(specs.json_schema(), indent=2))


@app.command("list", epilog="Example: synlabel-prob list noise")
def list_(
    section: Annotated[
        str | None, typer.Argument(metavar="[SECTION]", help="Only this section, as noise, with papers and exactness.")
    ] = None,
) -> None:
    """List the priors, ground truths, noise nodes, annotators, evaluators, tables and ready models that there are."""
    from . import spec as specs

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
    from . import run

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
    from . import pictures, run

    made = pictures.inspect(directory, out, row=row, data_path=data, force=force, progress=run.Progress())
    for sentence in made.sentences or ("Nothing speaks against the fit of the prior.",):
        typer.echo(f"warning: {sentence}" if made.sentences else sentence)
    for name in made.files:
        typer.echo(f"  {made.folder / name}")
    for name, reason in made.left_out.items():
        typer.echo(f"no {name}: {reason}")


_STEPS = "How many features to hide, as in 1,5,9 or 1-4; 17 steps by default."


@study.command(epilog="Example: synlabel-prob study noise wine --steps 1,4,8 --out results/noise")
def noise(
    spec: Spec,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the result goes; the directory must not exist.")],
    prior: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="A kind of prior, instead of SPEC's own; may be given several times."),
    ] = None,
    steps: Annotated[str | None, typer.Option(metavar="N,N-N,...", help=_STEPS)] = None,
    repeats: Annotated[str, typer.Option(metavar="N", help="Runs with random numbers of their own.")] = "3",
    seed: Annotated[str | None, typer.Option(metavar="N", help="Instead of the spec's seed.")] = None,
    set_: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Replace DIR, once the new result is complete.")] = False,
) -> None:
    """Hide features, and put noise of the same distance into the true labels: which leaves more open?

    The noise is completely at random (NCAR) and at random by class (NAR), each of the strength that moves labels as far
    from the ground truth as hiding features does. Takes data, ground truth, prior and evaluation from SPEC. Writes
    curves.parquet and curves.png into DIR, all or nothing, and prints the entropies.
    """
    from . import run, studies, studying

    made, base, outside = _read(spec, set_ or [])
    made, number = _changed(made, seed=_whole(seed)), _whole(repeats)
    options: Any = {"kinds": prior or (), "steps": studying.read_steps(steps), "repeats": number, "force": force}
    places = {"base_directory": base, "allow_outside": outside}
    found = studying.noise_beside(made, out, progress=run.Progress("hiding features"), **places, **options)
    typer.echo(studies.noise_beside_text(found, title=studying.title_of(made)))
    typer.echo(f"\nwritten to {out}")


@study.command(epilog="Example: synlabel-prob study injection wine --rates 0.1,0.3 --out results/injection")
def injection(
    spec: Spec,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the result goes; the directory must not exist.")],
    rates: Annotated[
        str | None, typer.Option(metavar="X,X,...", help="Rates of the noise; 0.05 to 0.45 by default.")
    ] = None,
    repeats: Annotated[str, typer.Option(metavar="N", help="Repeats of the sampled route.")] = "10",
    seed: Annotated[str | None, typer.Option(metavar="N", help="Instead of the spec's seed.")] = None,
    set_: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Replace DIR, once the new result is complete.")] = False,
) -> None:
    """Put noise into soft labels exactly, and into hard labels a hundred times over: how far apart are the results?

    Uses SPEC's hidden features and prior, and the noise nodes of SPEC that have a single strength (symmetric,
    random-matrix and nearest-neighbour noise where it has none) at each rate. Writes curves.parquet and curves.png into
    DIR, all or nothing, and prints distances and entropies.
    """
    from . import run, studies, studying

    made, base, outside = _read(spec, set_ or [])
    made, number = _changed(made, seed=_whole(seed)), _whole(repeats)
    options: Any = {"rates": studying.read_rates(rates), "repeats": number, "force": force}
    places = {"base_directory": base, "allow_outside": outside}
    found = studying.injection(made, out, progress=run.Progress("injecting noise"), **places, **options)
    typer.echo(studies.injection_text(found, title=studying.injection_title(made)))
    typer.echo(f"\nwritten to {out}")


@app.command(epilog="Example: synlabel-prob infer my.csv --target y --out results/inferred")
def infer(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="A CSV or Parquet file, or a result that `generate` wrote.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the result goes; the directory must not exist.")],
    target: Annotated[str | None, typer.Option(metavar="NAME", help="The column of observed labels.")] = None,
    votes: Annotated[
        str | None,
        typer.Option(metavar="ROW,WHO,LABEL", help="Columns of a table of votes of several annotators, a vote a line."),
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
    from . import inferring, run

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
    numbers: Any = {"draws": _whole(draws), "chains": _whole(chains), "seed": _whole(seed)}
    options = {"votes": inferring.names(votes, "--votes"), "force": force, "progress": run.Progress("sampling")}
    outcome = inferring.infer(table, out, source=asked, **options, **numbers)
    typer.echo(outcome.to_text())
    typer.echo(f"\nwritten to {out}")


def _whole(text: str | None) -> int | str | None:
    """A whole number where the text is one; the description says what is wrong with anything else."""
    return int(text) if text is not None and text.strip().lstrip("+-").isdecimal() else text


def _changed(part: Any, **fields: Any) -> Any:
    """The description with the options that were given; `draws` and a target take each other's place."""
    if "draws" not in fields:
        fields = {name: value for name, value in fields.items() if value is not None}
    return dataclasses.replace(part, **fields)


def _read(spec: str, overrides: list[str]) -> tuple:
    """The spec, the directory that its data path starts from, and whether that path may lead anywhere."""
    from . import spec as specs

    made, path = specs.read_spec(spec, overrides), specs.spec_path(spec)
    given_here = any(override.partition("=")[0].strip() == "data.path" for override in overrides)
    return made, Path.cwd() if given_here else path.parent, given_here


def main() -> None:
    """Run the command; what the user can mend is said in sentences, with exit code 2."""
    try:
        app()
    except InputError as error:
        for sentence in str(error).splitlines():
            typer.echo(f"error: {sentence}" if not sentence.startswith(" ") else sentence, err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("interrupted: nothing was written", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
