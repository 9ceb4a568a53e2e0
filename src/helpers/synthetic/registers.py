"""Draws the registers as one whole, and writes them as an extract that the same commands read as a real one."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from tqdm import tqdm

from helpers.edition import CACHE, CODES, FACTS, PUBLISHED, ROOT, BadInput
from helpers.schema import TABLES, Table
from helpers.synthetic import aid, police, reports, residence

ARROW_TYPES = {
    "id": pa.string(), "date": pa.date32(), "code": pa.string(), "codes": pa.string(), "bool": pa.bool_(), "year": pa.int32(), "count": pa.int32(),
    "age": pa.int32(), "eur": pa.float64(),
}
# Named as an extract's source and dates; the year that the controls' aid is looked up in, and the years with costs, are the monitor's (B1.3.2).
EXTRACT = {
    "source": "synthetic registers, calibrated to published numbers; they describe no person", "extraction_date": "2021-07-01", "reference_date": "2020-12-31",
    "control_year": 2019, "cost_years": [2016, 2017, 2018],
}
LARGEST_SCALE = 1000


def draw_registers(seed: int, *, copy: int = 0) -> dict[str, pd.DataFrame]:
    """Every table of the contract, typed, drawn from one seed; `copy` numbers independent draws of the same seed.

    The same seed gives the same tables on any machine. Tables of one copy share no identifier with those of another.
    """
    generators = [np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, copy, place]))) for place in range(4)]
    drawn = police.draw_police(generators[0])
    drawn |= aid.draw_aid(generators[1], drawn)
    decisions = residence.draw_decisions(generators[3])
    drawn |= {"reports": reports.draw_reports(generators[2]), "residence_decisions": decisions, "residence_counts": residence.count_decisions(decisions)}
    tables = {name: drawn[name] for name in TABLES}
    return tables if copy == 0 else {name: _rename_ids(table, TABLES[name], copy) for name, table in tables.items()}


def _rename_ids(table: pd.DataFrame, declared: Table, copy: int) -> pd.DataFrame:
    """The table with its identifiers set apart from those of every other copy."""
    ids = [column.name for column in declared.columns if column.kind == "id"]
    return table.assign(**{name: f"{copy}-" + table[name].astype(str) for name in ids})


def write_registers(folder: Path, *, seed: int, scale: int = 1, quiet: bool = True) -> None:
    """Write `<table>.parquet` and `extract.yml` into `folder`, which must be new or empty; `scale` copies, one at a time in memory.

    With `scale` above 1 every count is so many times the published one. Raises BadInput for a folder that holds files.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder.name} is not an empty folder; name a new one, so that nothing is written over")
    if not 1 <= scale <= LARGEST_SCALE:
        raise BadInput(f"--scale {scale}: give a whole number from 1 to {LARGEST_SCALE}")
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        writers = {name: stack.enter_context(pq.ParquetWriter(folder / f"{name}.parquet", define_arrow_schema(table))) for name, table in TABLES.items()}
        for tables in _draw_copies(seed, scale, quiet=quiet):
            for name, table in tables.items():
                writers[name].write_table(pa.Table.from_pandas(table, schema=define_arrow_schema(TABLES[name]), preserve_index=False))
    (folder / "extract.yml").write_text(_write_extract(), encoding="utf-8", newline="\n")


def _draw_copies(seed: int, scale: int, *, quiet: bool) -> Iterator[dict[str, pd.DataFrame]]:
    for copy in tqdm(range(scale), desc="synthetic registers", unit="copy", disable=True if quiet or scale == 1 else None):
        yield draw_registers(seed, copy=copy)


def define_arrow_schema(table: Table) -> pa.Schema:
    """The Parquet types of a table's columns."""
    return pa.schema([pa.field(column.name, ARROW_TYPES[column.kind]) for column in table.columns])


def list_added_codes() -> dict[str, dict[str, str]]:
    """Made-up codes of the synthetic registers by column, each with its group, as `extract.yml` declares them."""
    return {"police_unit": dict(reports.ADDED_UNITS), "nationality": {**police.ADDED_NATIONALITIES, **reports.ADDED_NATIONALITIES}}


def _write_extract() -> str:
    return yaml.safe_dump({**EXTRACT, "added_codes": list_added_codes(), "offence_groups": dict(police.OFFENCE_GROUPS)}, allow_unicode=True, sort_keys=False)


def find_registers(seed: int) -> Path:
    """The folder of the synthetic registers of this seed, drawn once into the cache and found there afterwards."""
    folder = CACHE / "registers" / f"{seed}-{_hash_generator()}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            write_registers(Path(scratch) / "registers", seed=seed)
            _put_in_place(Path(scratch) / "registers", folder)
    return folder


def _hash_generator() -> str:
    """A short hash of what the registers are drawn from: this room, the contract, the catalogue and the facts."""
    digest = hashlib.sha256()
    for place in (Path(__file__).parent, ROOT / "src" / "helpers" / "schema", CODES, PUBLISHED, FACTS):
        for file in sorted(path for path in place.rglob("*") if path.suffix in (".py", ".csv")):
            digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _put_in_place(made: Path, folder: Path) -> None:
    """Move a finished folder to its place; where another run was faster, its folder stays."""
    try:
        os.replace(made, folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(made, ignore_errors=True)
