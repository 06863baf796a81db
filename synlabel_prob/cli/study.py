"""The studies: `synlabel-prob study ...`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .options import Out, Seed, Set, Spec, changed, read_spec, whole

study = typer.Typer(
    no_args_is_help=True,
    help="Ready experiments on the table and the ground truth of a spec.",
    epilog="Example: synlabel-prob study hiding wine --out results/hiding",
)
_STEPS = "How many features to hide, as in 1,5,9 or 1-4; 17 steps by default."
_Prior = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND", help="A kind of prior, instead of SPEC's own; may be given several times."),
]


@study.command(
    epilog="Example: synlabel-prob study hiding wine --prior kernel_density --prior chained --out results/hiding"
)
def hiding(
    spec: Spec,
    out: Out,
    prior: _Prior = None,
    steps: Annotated[str | None, typer.Option(metavar="N,N-N,...", help=_STEPS)] = None,
    repeats: Annotated[str, typer.Option(metavar="N", help="Runs with random numbers of their own.")] = "3",
    seed: Seed = None,
    set_: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Replace DIR, once the new result is complete.")] = False,
) -> None:
    """Hide the first features of the table, more and more of them: how much do soft labels still know?

    Takes data, ground truth, prior and evaluation from SPEC; which features SPEC hides and its noise play no part.
    Constant features are passed over. Writes curves.parquet (a row for each prior, number of hidden features and
    repeat) and curves.png into DIR, all or nothing, and prints the curves.
    """
    from .. import run, studies, studying

    made, base, outside = read_spec(spec, set_ or [])
    made, number = changed(made, seed=whole(seed)), whole(repeats)
    options: Any = {"kinds": prior or (), "steps": studying.read_steps(steps), "repeats": number, "force": force}
    places = {"base_directory": base, "allow_outside": outside}
    found = studying.hiding(made, out, progress=run.Progress("hiding features"), **places, **options)
    typer.echo(studies.to_text(found, title=studying.title_of(made)))
    typer.echo(f"\nwritten to {out}")


@study.command(epilog="Example: synlabel-prob study noise wine --steps 1,4,8 --out results/noise")
def noise(
    spec: Spec,
    out: Out,
    prior: _Prior = None,
    steps: Annotated[str | None, typer.Option(metavar="N,N-N,...", help=_STEPS)] = None,
    repeats: Annotated[str, typer.Option(metavar="N", help="Runs with random numbers of their own.")] = "3",
    seed: Seed = None,
    set_: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Replace DIR, once the new result is complete.")] = False,
) -> None:
    """Hide features, and put noise of the same distance into the true labels: which leaves more open?

    The noise is completely at random (NCAR) and at random by class (NAR), each of the strength that moves labels as far
    from the ground truth as hiding features does. Takes data, ground truth, prior and evaluation from SPEC. Writes
    curves.parquet and curves.png into DIR, all or nothing, and prints the entropies.
    """
    from .. import run, studies, studying

    made, base, outside = read_spec(spec, set_ or [])
    made, number = changed(made, seed=whole(seed)), whole(repeats)
    options: Any = {"kinds": prior or (), "steps": studying.read_steps(steps), "repeats": number, "force": force}
    places = {"base_directory": base, "allow_outside": outside}
    found = studying.noise_beside(made, out, progress=run.Progress("hiding features"), **places, **options)
    typer.echo(studies.noise_beside_text(found, title=studying.title_of(made)))
    typer.echo(f"\nwritten to {out}")


@study.command(epilog="Example: synlabel-prob study injection wine --rates 0.1,0.3 --out results/injection")
def injection(
    spec: Spec,
    out: Out,
    rates: Annotated[
        str | None, typer.Option(metavar="X,X,...", help="Rates of the noise; 0.05 to 0.45 by default.")
    ] = None,
    repeats: Annotated[str, typer.Option(metavar="N", help="Repeats of the sampled route.")] = "10",
    seed: Seed = None,
    set_: Set = None,
    force: Annotated[bool, typer.Option("--force", help="Replace DIR, once the new result is complete.")] = False,
) -> None:
    """Put noise into soft labels exactly, and into hard labels a hundred times over: how far apart are the results?

    Uses SPEC's hidden features and prior, and the noise nodes of SPEC that have a single strength (symmetric,
    random-matrix and nearest-neighbour noise where it has none) at each rate. Writes curves.parquet and curves.png into
    DIR, all or nothing, and prints distances and entropies.
    """
    from .. import run, studies, studying

    made, base, outside = read_spec(spec, set_ or [])
    made, number = changed(made, seed=whole(seed)), whole(repeats)
    options: Any = {"rates": studying.read_rates(rates), "repeats": number, "force": force}
    places = {"base_directory": base, "allow_outside": outside}
    found = studying.injection(made, out, progress=run.Progress("injecting noise"), **places, **options)
    typer.echo(studies.injection_text(found, title=studying.injection_title(made)))
    typer.echo(f"\nwritten to {out}")
