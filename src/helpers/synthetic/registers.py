"""Draws the registers as one whole, and writes them as an extract that the same commands read as a
real one."""

from __future__ import annotations

import datetime
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from tqdm import tqdm

from helpers import sources
from helpers.edition import CACHE, CODES, FACTS, PUBLISHED, ROOT, BadInput
from helpers.labels import read_codes
from helpers.schema import TABLES, Table
from helpers.synthetic import (
    aid,
    offences,
    people,
    places,
    police,
    reports,
    residence,
    victims,
)
from helpers.synthetic.layouts import LAYOUTS, read_layout, write_layout

ARROW_TYPES = {
    "id": pa.string(),
    "date": pa.date32(),
    "code": pa.string(),
    "codes": pa.string(),
    "bool": pa.bool_(),
    "year": pa.int32(),
    "count": pa.int32(),
    "age": pa.int32(),
    "eur": pa.float64(),
}
# Source and dates of the extract; the year that the controls' aid is looked up in, and the years
# with costs, are the monitor's (B1.3.2).
EXTRACT: dict[str, Any] = {
    "source": "synthetic registers, calibrated to published numbers; they describe no person",
    "extraction_date": datetime.date(2021, 7, 1),
    "reference_date": datetime.date(2020, 12, 31),
    "control_year": 2019,
    "cost_years": [2016, 2017, 2018],
    "added_codes": {
        "police_unit": victims.ADDED_UNITS,
        "nationality": people.ADDED_NATIONALITIES | victims.ADDED_NATIONALITIES,
        "municipality": places.ADDED_MUNICIPALITIES,
    },
    "offence_groups": offences.OFFENCE_GROUPS,
}
LARGEST_SCALE = 1000


def list_groups(codes: str) -> dict[str, str]:
    """The codes of a list of the contract, and those that the made-up extract adds, each with its
    group."""
    added = (
        EXTRACT["offence_groups"] if codes == "offence" else EXTRACT["added_codes"].get(codes, {})
    )
    return {**read_codes(codes), **added}


def draw_registers(seed: int, *, copy: int = 0) -> dict[str, pd.DataFrame]:
    """The tables of the contract that are drawn, typed, from one seed; `copy` numbers independent
    draws of the same seed. No printed number tells enough of grounds, long-term care, cases and
    suspects to draw them, nor of where people in the population register live: these optional
    tables and columns are not among them. Where victims are exploited is made up whole.

    The same seed gives the same tables on any machine. Tables of one copy share no identifier with
    those of another.
    """
    generators = [
        np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, copy, place])))
        for place in range(5)
    ]
    drawn = police.draw_police(generators[0])
    drawn |= aid.draw_aid(generators[1], drawn)
    decisions = residence.draw_decisions(generators[3])
    drawn |= {
        "reports": places.add_municipalities(generators[4], reports.draw_reports(generators[2])),
        "residence_decisions": decisions,
        "residence_counts": residence.count_decisions(decisions),
    }
    return {
        name: _rename_ids(drawn[name], table, copy)
        for name, table in TABLES.items()
        if name in drawn
    }


def _rename_ids(rows: pd.DataFrame, table: Table, copy: int) -> pd.DataFrame:
    """The table with its identifiers set apart from those of every other copy."""
    ids = [column.name for column in table.columns if column.kind == "id"] if copy else []
    return rows.assign(**{name: f"{copy}-" + rows[name].astype(str) for name in ids})


def write_registers(
    folder: Path, *, seed: int, scale: int = 1, layout: str | None = None, quiet: bool = True
) -> None:
    """Write the tables and `extract.yml` into `folder`, which must be new or empty.

    `scale`: so many copies of the people, one copy at a time in memory; every count is so many
    times the published one. `layout`: files as an owner of a register might deliver them. Raises
    BadInput for a folder that holds files, and for a scale with a layout.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(
            f"{folder.name} is not an empty folder; name a new one, so that nothing is written over"
        )
    if not 1 <= scale <= LARGEST_SCALE:
        raise BadInput(f"--scale {scale}: give a whole number from 1 to {LARGEST_SCALE}")
    if seed < 0:
        raise BadInput(f"--seed {seed}: give a whole number from 0")
    if layout is not None and (layout not in LAYOUTS or scale > 1):
        raise BadInput(f"--layout {layout}: use one of {', '.join(LAYOUTS)}, without --scale")
    folder.mkdir(parents=True, exist_ok=True)
    if layout is None:
        _write_parquet(folder, _draw_copies(seed, scale, quiet=quiet))
    else:
        write_layout(folder, layout, draw_registers(seed))
    mapping = "" if layout is None else "\n" + read_layout(layout)
    (folder / "extract.yml").write_text(
        yaml.safe_dump(EXTRACT, allow_unicode=True, sort_keys=False) + mapping,
        encoding="utf-8",
        newline="\n",
    )


def _draw_copies(seed: int, scale: int, *, quiet: bool) -> Iterator[dict[str, pd.DataFrame]]:
    for copy in tqdm(
        range(scale),
        desc="synthetic registers",
        unit="copy",
        disable=True if quiet or scale == 1 else None,
    ):
        yield draw_registers(seed, copy=copy)


def _write_parquet(folder: Path, copies: Iterator[dict[str, pd.DataFrame]]) -> None:
    """One file a table, a row group a copy. A count of the frequency tables is that of all copies,
    so that no cell stands twice."""
    counts: list[pd.DataFrame] = []
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}

        def write(name: str, rows: pd.DataFrame) -> None:
            if name not in writers:
                schema = define_arrow_schema(TABLES[name], rows)
                # Opened here: pyarrow takes every name for UTF-8, whatever the locale.
                file = stack.enter_context((folder / f"{name}.parquet").open("wb"))
                writers[name] = stack.enter_context(pq.ParquetWriter(file, schema))
            writers[name].write_table(_turn_to_arrow(name, rows))

        for tables in copies:
            counts.append(tables.pop("residence_counts"))
            for name, rows in tables.items():
                write(name, rows)
        cells = TABLES["residence_counts"].key
        whole = pd.concat(counts).groupby(list(cells), as_index=False)["n"].sum()
        write("residence_counts", whole)


def _turn_to_arrow(name: str, rows: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(
        rows, schema=define_arrow_schema(TABLES[name], rows), preserve_index=False
    )


def define_arrow_schema(table: Table, rows: pd.DataFrame) -> pa.Schema:
    """The Parquet types of those columns of a table that `rows` have."""
    return pa.schema(
        [
            pa.field(column.name, ARROW_TYPES[column.kind])
            for column in table.columns
            if column.name in rows
        ]
    )


def find_registers(seed: int) -> Path:
    """The folder of the synthetic registers of this seed, drawn once into the cache and found there
    afterwards."""
    folder = CACHE / "registers" / f"{seed}-{_hash_generator()}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            write_registers(Path(scratch) / "registers", seed=seed)
            _put_in_place(Path(scratch) / "registers", folder)
    return folder


def read_registers(seed: int) -> dict[str, pd.DataFrame]:
    """The tables of the synthetic registers of this seed, read from their files as a real extract
    is."""
    extract = sources.read_extract(find_registers(seed))
    return {name: sources.read_table(extract, name) for name in extract.mappings}


def _hash_generator() -> str:
    """A short hash of what the registers are drawn from: this room, the contract, the plans, the
    catalogue and the facts."""
    digest = hashlib.sha256()
    code = ROOT / "src" / "helpers"
    drawn_from = [code / "labels.py", code / "definitions.py"]
    for place in (Path(__file__).parent, code / "schema", CODES, PUBLISHED, FACTS):
        drawn_from += sorted(path for path in place.rglob("*") if path.suffix in (".py", ".csv"))
    for file in drawn_from:
        digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _put_in_place(made: Path, folder: Path) -> None:
    """Move a finished folder to its place; where another run was faster, its folder stays."""
    try:
        made.replace(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(made, ignore_errors=True)
