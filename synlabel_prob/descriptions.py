"""What every part is made of: a description (plain values) and its fitted form (arrays, a JAX pytree)."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Union, dataclass_transform

import numpy as np
from pydantic import ConfigDict, Field, ValidationError, WrapValidator
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic.fields import FieldInfo

from ._lazy import jax, jnp
from .errors import InputError
from .messages import sentences, shown

__all__ = [
    "Part",
    "constant",
    "description",
    "fitted",
    "one_of",
    "sentences",
    "shown",
    "static",
    "to_plain",
]

_TAGS = ("kind", "dist")
_CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False, strict=False)


@dataclass_transform(frozen_default=True, field_specifiers=(Field,))
def description(cls: type) -> type:
    """Make a frozen record of plain values: compared by value, its `repr` can be pasted back.

    Unknown fields and values of the wrong type are an `InputError` that names the field.
    """
    made = pydantic_dataclass(frozen=True, config=_CONFIG)(cls)
    construct = made.__init__

    @functools.wraps(construct)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            construct(self, *args, **kwargs)
        except ValidationError as error:
            raise InputError("\n".join(sentences(error, cls))) from None

    made.__init__ = init
    return made


def to_plain(value: Any) -> Any:
    """A description as nested dicts, lists and plain values; fields at their default are left out.

    `kind` (or `dist`, for laws) always stays and comes first: it says which class the rest belongs to.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = sorted(dataclasses.fields(value), key=lambda field: field.name not in _TAGS)
        return {
            field.name: to_plain(getattr(value, field.name))
            for field in fields
            if field.name in _TAGS or not _is_default(field, getattr(value, field.name))
        }
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    return value


def _is_default(field: dataclasses.Field, value: Any) -> bool:
    if field.default_factory is not dataclasses.MISSING:
        return value == field.default_factory()
    if isinstance(field.default, FieldInfo):  # how pydantic keeps `Field(default_factory=...)`
        return value == field.default.get_default(call_default_factory=True)
    return field.default is not dataclasses.MISSING and value == field.default


# --- fitted parts -----------------------------------------------------------------------------------


def static(**options: Any) -> Any:
    """A field of a fitted part that is plain hashable data rather than an array."""
    return dataclasses.field(metadata={"static": True}, **options)


@dataclass_transform(frozen_default=True, field_specifiers=(static,))
def fitted(cls: type) -> type:
    """Make a frozen record that is a JAX pytree: fields are leaves unless marked `static()`.

    The class registers itself with JAX when its first instance is built, so that the module that holds it can
    be imported without JAX; `check` (if there is one) runs when a user builds an instance, not when JAX does.
    """
    made = dataclasses.dataclass(frozen=True, eq=False, repr=False)(cls)

    def post_init(self: Any) -> None:
        _register(made)
        self.check()

    made.__post_init__ = post_init
    made.__init__ = _calling_post_init(made.__init__)
    if not hasattr(made, "check"):
        made.check = lambda self: None
    return made


def constant(array: Any) -> Any:
    """A fitted part's array inside a traced function, in the precision of the moment.

    JAX keeps the precision of the very NumPy object that a compiled function closed over first, and fails on it in
    the other one; a view is a new object each time.
    """
    return jnp.asarray(array.view() if isinstance(array, np.ndarray) else array)


def _calling_post_init(init: Any) -> Any:
    # The dataclass was made before `__post_init__` existed, so its own `__init__` does not call it.
    @functools.wraps(init)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        self.__post_init__()

    return wrapped


@functools.cache
def _register(cls: type) -> None:
    names = [(field.name, bool(field.metadata.get("static"))) for field in dataclasses.fields(cls)]
    leaves = [name for name, is_static in names if not is_static]
    statics = [name for name, is_static in names if is_static]

    def flatten_with_keys(value: Any) -> tuple:
        children = [(jax.tree_util.GetAttrKey(name), getattr(value, name)) for name in leaves]
        return children, tuple(getattr(value, name) for name in statics)

    def unflatten(static_values: tuple, children: Any) -> Any:
        made = object.__new__(cls)
        for name, value in zip(leaves + statics, (*children, *static_values), strict=True):
            object.__setattr__(made, name, value)
        return made

    jax.tree_util.register_pytree_with_keys(cls, flatten_with_keys, unflatten)


def one_of(base: type, registered: tuple[type, ...]) -> Any:
    """The annotation of a field that holds one of the registered parts, or an object of a user's own class.

    A table is read by its `kind`; an instance of `base` is taken as it is, so that parts that are not registered
    work from Python.
    """
    tagged = Annotated[Union[registered], Field(discriminator="kind")]  # noqa: UP007 - members are known at run time

    def own(value: Any, read: Any) -> Any:
        return value if isinstance(value, base) else read(value)

    return Annotated[tagged, WrapValidator(own)]


class Part:
    """A description that a user names by its `kind` and that explains itself in one line."""

    kind: Any
    summary: ClassVar[str] = ""
    paper: ClassVar[str] = ""
    """Where it comes from, as author and year; empty where nobody in particular."""
