"""A process and its run as one TOML file, and back, without loss; a file never runs code."""

from .checking import check, with_paths
from .description import Spec
from .listing import describe_parts, describe_section
from .places import ready_models, spec_path
from .reading import from_toml, read_spec
from .schema import json_schema
from .writing import to_toml

__all__ = [
    "Spec",
    "check",
    "describe_parts",
    "describe_section",
    "from_toml",
    "json_schema",
    "read_spec",
    "ready_models",
    "spec_path",
    "to_toml",
    "with_paths",
]
