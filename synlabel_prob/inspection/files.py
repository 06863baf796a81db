"""Trees as netCDF files, and what differs between two trees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    import xarray as xr


def to_netcdf(tree: xr.DataTree) -> bytes:
    """The tree as a netCDF file, compressed; equal trees give equal bytes."""
    encoding = {
        node.path: {name: {"zlib": True, "complevel": 1} for name, it in node.data_vars.items() if it.ndim}
        for node in tree.subtree
    }
    written = tree.to_netcdf(engine="h5netcdf", encoding={path: own for path, own in encoding.items() if own})
    return bytes(written)  # pyright: ignore[reportArgumentType] - a memoryview, as no path is given


def read_datatree(path: str | Path) -> xr.DataTree:
    """The tree in a netCDF file, in memory.

    Raises:
        InputError: there is no such file, or it is none that netCDF can hold.
    """
    import xarray as xr

    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            return tree.load()
    except OSError as error:
        raise InputError(f"{str(path)!r} must be a netCDF file; it cannot be read: {error}.") from None


def differences(first: xr.DataTree, second: xr.DataTree) -> list[str]:
    """What differs between two trees, a clause each; NaN equals NaN."""
    groups = {"/": "the root"} | {node.path: node.path[1:] for tree in (first, second) for node in tree.subtree}
    found = []
    for path, shown in groups.items():
        if not (_has(first, path) and _has(second, path)):
            found.append(f"the group {shown} is on one side only.")
            continue
        before, now = first[path].to_dataset(), second[path].to_dataset()
        other = [
            name for name in sorted(map(str, {*before.variables, *now.variables})) if not _equal(before, now, name)
        ]
        found += [f"{name} in {shown} differs." for name in other]
        if not other and not before.identical(now):
            found.append(f"the attributes of {shown} differ.")
    return found


def _has(tree: xr.DataTree, path: str) -> bool:
    return path in {node.path for node in tree.subtree}


def _equal(before: xr.Dataset, now: xr.Dataset, name: Any) -> bool:
    both = name in before.variables and name in now.variables
    return both and before.variables[name].equals(now.variables[name])
