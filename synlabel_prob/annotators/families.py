"""The families of annotators; a description in `DESCRIPTIONS` is known to spec files, their schema and `list`."""

from .base import Annotators
from .one_coin import OneCoin

DESCRIPTIONS: tuple[type[Annotators], ...] = (OneCoin,)
