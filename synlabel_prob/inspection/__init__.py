"""Looking at a run and at the fit of its prior: trees for ArviZ, summaries in sentences, and pictures."""

from .calibration import Calibration, calibration
from .dimensions import coordinates, labels_of
from .files import differences, read_datatree, to_netcdf
from .fit import fit_datatree
from .hidden_plots import plot_calibration, plot_marginals, plot_pairs, plot_prior_and_posterior
from .label_plots import plot_entropy, plot_row, plot_soft_labels, row_place
from .summary import Summary, cautions, summarise
from .theta_plot import plot_theta
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
    "plot_calibration",
    "plot_entropy",
    "plot_marginals",
    "plot_pairs",
    "plot_prior_and_posterior",
    "plot_row",
    "plot_soft_labels",
    "plot_theta",
    "read_datatree",
    "row_place",
    "summarise",
    "to_datatree",
    "to_netcdf",
]
