"""Looking at a run and at the fit of its prior: trees for ArviZ, summaries in sentences, and pictures."""

from .dimensions import coordinates, labels_of
from .files import differences, read_datatree, to_netcdf
from .trees import to_datatree

__all__ = [
    "coordinates",
    "differences",
    "labels_of",
    "read_datatree",
    "to_datatree",
    "to_netcdf",
]
