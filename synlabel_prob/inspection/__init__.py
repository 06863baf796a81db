"""Looking at a run and at the fit of its prior: trees for ArviZ, summaries in sentences, and pictures."""

from .calibration import Calibration, calibration
from .dimensions import coordinates, labels_of
from .files import differences, read_datatree, to_netcdf
from .fit import fit_datatree
from .summary import Summary, cautions, summarise
from .trees import to_datatree

__all__ = [
    "Calibration",
    "Summary",
    "calibration",
    "cautions",
    "coordinates",
    "differences",
    "fit_datatree",
    "labels_of",
    "read_datatree",
    "summarise",
    "to_datatree",
    "to_netcdf",
]
