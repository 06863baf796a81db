"""The families of annotators; a description in `DESCRIPTIONS` is known to spec files, their schema and `list`."""

from .base import Annotators
from .dawid_skene import DawidSkene
from .glad import GLAD
from .hammer_spammer import HammerSpammer
from .mace import MACE
from .noise_nodes import NoiseNodes
from .one_coin import OneCoin
from .ordinal_thresholds import OrdinalThresholds

DESCRIPTIONS: tuple[type[Annotators], ...] = (
    OneCoin,
    DawidSkene,
    HammerSpammer,
    MACE,
    GLAD,
    OrdinalThresholds,
    NoiseNodes,
)
