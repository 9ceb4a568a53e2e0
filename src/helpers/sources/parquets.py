"""Reads Parquet files, by pyarrow, and folders of them as Spark writes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers.sources.extract import Mapping
from helpers.sources.headers import Tally, check_header, clean_heading, refuse
from helpers.sources.limits import LARGEST_GROUP, LONGEST_CELL

# So few rows are unpacked at a time that cells of the longest kind stay far below a gigabyte.
BATCH_ROWS = 1 << 16
# What table formats leave in the folder of a table, which is more than its Parquet files.
KEEPERS = {"_delta_log": "Delta Lake", ".hoodie": "Hudi", "metadata": "Iceberg"}
NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"


def read_parquet(path: Path, mapping: Mapping, size: int, tally: Tally) -> Iterator[pd.DataFrame]:
    if not path.is_dir():
        yield from _read_part(path, mapping, size, tally, {})
        return
    _check_keeper(path)
    parts = _list_parts(path)
    if any(
        part.name.startswith(("_", ".")) and part.suffix.lower() == ".parquet"
        for part in path.rglob("*")
    ):
        tally.note(
            path,
            "Parquet files whose names begin with _ or . are passed over",
            "take them out, or name them otherwise if they hold rows",
        )
    if not parts:
        raise refuse(path, "a folder without a Parquet file", "put the parts into it")
    for part in parts:
        yield from _read_part(part, mapping, size, tally, _read_partitions(part, path))


def _check_keeper(folder: Path) -> None:
    """Raise for folders in which some files hold rows that were changed or deleted since, and for
    those whose writing did not end."""
    for name, system in KEEPERS.items():
        if (folder / name).exists():
            raise refuse(
                folder,
                f"a table of {system}, whose folder keeps rows that are no longer in it",
                "read it with its own program, and export it as Parquet",
            )
    if (folder / "_temporary").exists():
        raise refuse(folder, "a folder of parts whose writing did not end", "export it anew")


def _list_parts(folder: Path) -> list[Path]:
    """The files of a folder, in order; names that begin with _ or . are marks of whoever wrote
    it."""
    parts = []
    for part in sorted(folder.iterdir()):
        if part.name.startswith(("_", ".")):
            continue
        if part.is_symlink():
            raise refuse(part, "a link to another place", "put the file or folder itself there")
        if part.is_dir():
            parts += _list_parts(part)
        elif not part.is_file():
            raise refuse(part, "no file", "put a file in its place")
        elif part.suffix.lower() != ".parquet":
            raise refuse(
                part,
                "no Parquet file among parts",
                "name it .parquet, or take it out of the folder",
            )
        else:
            parts.append(part)
    return parts


def _read_partitions(part: Path, folder: Path) -> dict[str, str | None]:
    """The columns that stand in the names of folders, such as year=2019."""
    steps = [step.split("=", 1) for step in part.relative_to(folder).parts[:-1] if "=" in step]
    return {
        clean_heading(unquote(name)): None if value == NO_PARTITION else unquote(value)
        for name, value in steps
    }


def _read_part(
    path: Path, mapping: Mapping, size: int, tally: Tally, partitions: dict[str, str | None]
) -> Iterator[pd.DataFrame]:
    # Opened here: pyarrow takes every name for UTF-8, and a locale such as cp1252 has others.
    with path.open("rb") as stream:
        yield from _read_stream(stream, path, mapping, size, tally, partitions)


def _read_stream(
    stream: BinaryIO,
    path: Path,
    mapping: Mapping,
    size: int,
    tally: Tally,
    partitions: dict[str, str | None],
) -> Iterator[pd.DataFrame]:
    file = pq.ParquetFile(stream)
    schema = file.schema_arrow
    header = [clean_heading(name) for name in schema.names]
    check_header(path, mapping, [*header, *partitions], tally, row=None)
    chosen = [
        (name, field) for name, field in zip(header, schema, strict=True) if name in mapping.sources
    ]
    _check_sizes(path, file, chosen)
    texts = [field.name for _, field in chosen if _is_text(field.type)]
    # Old timestamps of 96 bits count nanoseconds, which end in 2262.
    file = pq.ParquetFile(stream, read_dictionary=texts, coerce_int96_timestamp_unit="us")
    first, held = 1, []
    columns = [field.name for _, field in chosen]
    for batch in file.iter_batches(batch_size=min(BATCH_ROWS, size), columns=columns):
        held.append(_unpack(path, batch, [name for name, _ in chosen], columns))
        if sum(len(one) for one in held) + BATCH_ROWS > size:
            frame = _join(held, partitions, first)
            first, held = first + len(frame), []
            yield frame
    if held:
        frame = _join(held, partitions, first)
        first += len(frame)
        yield frame
    if first - 1 != file.metadata.num_rows:
        raise refuse(
            path,
            f"{first - 1:,} rows could be read where the file says that it has {file.metadata.num_rows:,}",
            "copy or export it anew",
        )


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _check_sizes(path: Path, file: pq.ParquetFile, chosen: list[tuple[str, pa.Field]]) -> None:
    for _, field in chosen:
        if pa.types.is_nested(field.type) and not pa.types.is_dictionary(field.type):
            raise refuse(
                path,
                "a column of the contract holds lists or records in place of single values",
                "write one value a cell; several codes are joined by |",
            )
    for group in range(file.metadata.num_row_groups):
        # Its columns are not asked: the library ends the process over a damaged one.
        if file.metadata.row_group(group).total_byte_size > LARGEST_GROUP:
            raise refuse(
                path,
                f"row group {group + 1} unpacks to more than {LARGEST_GROUP >> 30} GB",
                "write smaller row groups",
            )


def _unpack(path: Path, batch: pa.RecordBatch, names: list[str], columns: list[str]) -> pa.Table:
    """The batch under clean names; texts are unpacked only once none is too long."""
    arrays = []
    for column in columns:
        array = batch.column(column)
        if pa.types.is_dictionary(array.type):
            words = array.dictionary
            if _is_text(words.type) and len(words):
                words.validate(full=True)
                if pc.max(pc.binary_length(words)).as_py() > 4 * LONGEST_CELL:
                    raise refuse(
                        path,
                        f"a cell of more than {LONGEST_CELL:,} signs",
                        "a cell holds one word, code or identifier; export the column anew",
                    )
            array = array.dictionary_decode()
        elif pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
            try:
                array = array.cast(pa.string())
            except pa.ArrowInvalid:
                raise refuse(
                    path, "bytes that are no text in UTF-8", "export the column as text"
                ) from None
        arrays.append(array)
    return pa.Table.from_arrays(arrays, names=names)


def _join(held: list[pa.Table], partitions: dict[str, str | None], first: int) -> pd.DataFrame:
    whole = pa.concat_tables(held, promote_options="permissive")
    for name, value in partitions.items():
        whole = whole.append_column(name, pa.array([value] * len(whole), pa.string()))
    frame = whole.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
    frame.index = pd.RangeIndex(first, first + len(frame))
    return frame
