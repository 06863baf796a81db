"""Routes to soft labels without a Monte Carlo error, and the choice between them."""

from .base import Route
from .routes import ROUTES, chosen, exact_soft_labels

__all__ = ["ROUTES", "Route", "chosen", "exact_soft_labels"]
