"""The rows of a result that is made in chunks: a Parquet file a chunk, in a hidden folder that survives interruptions.

The folder stands beside the result, `.NAME.partial`, with a manifest of all that the bytes of a chunk follow from. A
part appears under its name only once it is complete on the disk, so that what is there can be relied on after a kill.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..pieces import in_pieces
from .directory import is_free, put, reason, remove_empty, sync_directory
from .frame import repeating

_KEY = b"synlabel_prob_chunk"
_MANIFEST = "manifest.json"
_GROUP_ROWS = 2**16
"""Rows of a row group of the joined file, whatever the size of the chunks: so its bytes do not depend on that."""


class Parts:
    """The finished chunks of one run; made by `Parts.opened`."""

    def __init__(self, folder: Path, number: int) -> None:
        """Those of `number` chunks that are in a folder."""
        self.folder, self.number = folder, number

    @classmethod
    @contextlib.contextmanager
    def opened(cls, target: Path, number: int, manifest: Mapping[str, Any], *, anew: bool = False) -> Iterator[Parts]:
        """The parts for a result, with those that a run with the same manifest has left; this run's alone.

        The folder stays where an error leaves complete parts in it.

        Args:
            target: the result's directory.
            number: how many chunks there are in all.
            manifest: what the chunks follow from, names in plain words to plain values.
            anew: remove what another run has left, where its manifest differs.

        Raises:
            InputError: another run's parts are there, or a run that is alive has them, or they cannot be written.
        """
        folder = target.with_name(f".{target.name}.partial")
        missing = [parent for parent in folder.parents if not parent.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY)
        except OSError as error:
            raise _cannot_write(folder, error) from None
        try:
            if not is_free(descriptor):
                raise InputError(f"Another run is writing chunks into {str(folder)!r}: wait for it, or stop it.")
            parts = cls(folder, number)
            parts._start(manifest, anew)
            try:
                yield parts
            except BaseException:
                if not parts.done:
                    parts.remove()
                    remove_empty(missing)
                raise
        finally:
            os.close(descriptor)

    def _start(self, manifest: Mapping[str, Any], anew: bool) -> None:
        path = self.folder / _MANIFEST
        if path.exists() and (differ := _differences(path, manifest)):
            if not anew:
                raise InputError(
                    f"Chunks of another run are in {str(self.folder)!r}; {differ}: run it again as it was, or start "
                    "anew with --force, which removes them."
                )
            path.unlink()
        if not path.exists():
            for old in self.folder.iterdir():
                old.unlink()
            self._put(_MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())

    def _path(self, place: int) -> Path:
        return self.folder / f"part-{place:06}.parquet"

    @property
    def done(self) -> int:
        """How many chunks are there, from the first on without a gap."""
        return next((place for place in range(self.number) if not self._path(place).is_file()), self.number)

    def add(self, place: int, table: Any, about: Mapping[str, Any]) -> None:
        """Write the Arrow table of a chunk, and plain values about it.

        Raises:
            InputError: it cannot be written.
        """
        import io

        import pyarrow.parquet

        metadata = {**(table.schema.metadata or {}), _KEY: json.dumps(about).encode()}
        content = io.BytesIO()
        # Read once and removed: neither small nor searched.
        options: Any = {"compression": "none", "use_dictionary": False, "write_statistics": False}
        pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), content, **options)
        self._put(self._path(place).name, content.getvalue())

    def _put(self, name: str, content: bytes) -> None:
        """A file that appears complete or not at all."""
        unfinished = f"{name}.unfinished"
        try:
            (self.folder / unfinished).unlink(missing_ok=True)
            put(self.folder, unfinished, content)
            (self.folder / unfinished).rename(self.folder / name)
            sync_directory(self.folder)
        except OSError as error:
            raise _cannot_write(self.folder, error) from None

    def about(self) -> list[dict[str, Any]]:
        """What was said about each chunk."""
        import pyarrow.parquet

        schemas = [pyarrow.parquet.read_schema(self._path(place)) for place in range(self.number)]
        return [json.loads(schema.metadata[_KEY]) for schema in schemas]

    def join(self, path: Path) -> None:
        """All rows as one Parquet file, a row group at a time."""
        import pyarrow.parquet

        schema = pyarrow.parquet.read_schema(self._path(0))
        schema = schema.with_metadata({key: it for key, it in schema.metadata.items() if key != _KEY})
        with pyarrow.parquet.ParquetWriter(path, schema, use_dictionary=repeating(schema)) as writer:
            for piece in in_pieces(self._batches(schema), _GROUP_ROWS):
                writer.write_table(piece.combine_chunks(), row_group_size=_GROUP_ROWS)

    def _batches(self, schema: Any) -> Iterator[Any]:
        import pyarrow.parquet

        for place in range(self.number):
            with pyarrow.parquet.ParquetFile(self._path(place)) as file:
                for batch in file.iter_batches(batch_size=_GROUP_ROWS):
                    yield batch.cast(schema)

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def stored_rows(path: Path, rows: int) -> Iterator[Any]:
    """A result's `dataset.parquet` as Arrow tables of so many rows each, the last with what is left."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        yield from in_pieces(file.iter_batches(batch_size=_GROUP_ROWS), rows)


def _differences(path: Path, now: Mapping[str, Any]) -> str:
    """In which parts a manifest that is there differs, in words; empty where it does not."""
    try:
        before = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return "its manifest is damaged"
    found = []
    for name in dict.fromkeys((*before, *now)):
        first, second = before.get(name), now.get(name)
        if first != second:
            is_short = all(len(str(value)) < 20 for value in (first, second))
            found.append(f"{name} ({first}, now {second})" if is_short else name)
    return f"it differs in {'; '.join(found)}" if found else ""


def _cannot_write(folder: Path, error: OSError) -> InputError:
    return InputError(f"Chunks cannot be written into {str(folder)!r}: {reason(error)}; those that are there stay.")
