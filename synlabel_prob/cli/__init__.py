"""The command `synlabel-prob`: a thin shell around the modules that read a spec, run it and look at results.

What a command needs is imported when it runs, because `--help` has to answer at once.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys

import typer

from ..errors import InputError
from . import running as running
from .app import app
from .compiled import keep_compiled_programs
from .inverting import infer
from .study import study

app.command(epilog="Example: synlabel-prob infer my.csv --target y --out results/inferred")(infer)
app.add_typer(study, name="study")

__all__ = ["app", "main"]

_OBJECTS = 100_000


def main() -> None:
    """Run the command; what the user can mend is said in sentences, with exit code 2."""
    keep_compiled_programs(os.environ)
    # What is imported and traced stays to the end: looking through it for garbage would take a tenth of a short run,
    # and taking it apart at the end another one.
    gc.set_threshold(_OBJECTS)
    atexit.register(gc.freeze)
    try:
        app()
    except InputError as error:
        for sentence in str(error).splitlines():
            typer.echo(f"error: {sentence}" if not sentence.startswith(" ") else sentence, err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("interrupted: nothing was written", err=True)
        sys.exit(130)
