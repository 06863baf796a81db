"""A run chunk by chunk of a table that is larger than the memory, which goes on where it was interrupted."""

from .comparing import differences
from .refusals import report_problems
from .running import ChunkedRun, generate, prepare

__all__ = ["ChunkedRun", "differences", "generate", "prepare", "report_problems"]
