"""What a run came to: its soft labels, its noise and its hard labels in numbers, as a record, plain values and text."""

from .making import noise_report, report
from .record import NodeReport, Report, from_plain, to_plain
from .text import to_text
from .totals import ChunkReport, chunk_report, total

__all__ = [
    "ChunkReport",
    "NodeReport",
    "Report",
    "chunk_report",
    "from_plain",
    "noise_report",
    "report",
    "to_plain",
    "to_text",
    "total",
]
