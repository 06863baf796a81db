"""Where labels go when they change; exporting a description here registers it."""

from .base import Destination, FittedDestination, FixedDestination, without_diagonal
from .classes import ToClasses, ToDefault, ToFrequent, ToGroup, ToOthers
from .ordered import ToFar, ToNear, ToNext, ToSides
from .parts import ToParts
from .probable import ToLikely, ToSecond
from .scores import ToScores
from .similar import ToConfused, ToEnemy, ToSimilar

DESCRIPTIONS: tuple[type[Destination], ...] = (
    ToOthers,
    ToClasses,
    ToGroup,
    ToDefault,
    ToFrequent,
    ToNext,
    ToNear,
    ToFar,
    ToSides,
    ToSecond,
    ToLikely,
    ToSimilar,
    ToConfused,
    ToEnemy,
    ToScores,
    ToParts,
)

__all__ = [
    "DESCRIPTIONS",
    "Destination",
    "FittedDestination",
    "FixedDestination",
    "ToClasses",
    "ToConfused",
    "ToDefault",
    "ToEnemy",
    "ToFar",
    "ToFrequent",
    "ToGroup",
    "ToLikely",
    "ToNear",
    "ToNext",
    "ToOthers",
    "ToParts",
    "ToScores",
    "ToSecond",
    "ToSides",
    "ToSimilar",
    "without_diagonal",
]
