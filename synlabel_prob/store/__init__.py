"""A result on disk: a directory that is written all or nothing, what its files hold, and how they are read back."""

from .directory import check_output, recover, write_result
from .frame import result_frame, result_names, to_arrow
from .parts import Parts, stored_rows
from .result import (
    Result,
    chunked_files,
    chunked_spec,
    file_hashes,
    read_result,
    recorded_hashes,
    result_files,
    versions,
)

__all__ = [
    "Parts",
    "Result",
    "check_output",
    "chunked_files",
    "chunked_spec",
    "file_hashes",
    "read_result",
    "recorded_hashes",
    "recover",
    "result_files",
    "result_frame",
    "result_names",
    "stored_rows",
    "to_arrow",
    "versions",
    "write_result",
]
