"""Parts composed into one process: its description, its fitted form, its NumPyro models, and a run of it."""

from .by_row import fixed_on_own_rows, generate_by_row
from .description import Process, report_problems
from .fitted import FittedProcess, fit
from .fixed_draws import FixedDraws, fixed_draws
from .generate import Generated, Ledger, generate

__all__ = [
    "FittedProcess",
    "FixedDraws",
    "Generated",
    "Ledger",
    "Process",
    "fit",
    "fixed_draws",
    "fixed_on_own_rows",
    "generate",
    "generate_by_row",
    "report_problems",
]
