"""Writes an empty extract to fill: a table of headings each, a mapping file with every option, and
what the columns hold."""

from __future__ import annotations

import textwrap
from pathlib import Path

from helpers.edition import BadInput
from helpers.labels import read_codes
from helpers.schema import TABLES, Column, Table
from helpers.sources.extract import EXTRACT

LONGEST_LIST = 30
MAPPING = """\
# What this extract is, and how its files are read. Lines that begin with # are not used.
source: fill in who delivered the files, such as CoMensha, IND or Statistics Netherlands
# extraction_date: 2021-07-01     # no date in the files lies after it
# start_date: 2010-01-01          # from when the registers are complete; years in part are left out
# reference_date: 2020-12-31      # until when the registers are complete
# control_year: 2019              # the year in which the aid of controls is looked up
# cost_years: [2016, 2017, 2018]  # the years with care costs

# Without an entry below, a table is read from TABLE.csv, .parquet, .xlsx or .sav as it is named.
# tables:
#   reports:
#     file: aanmeldingen.csv      # or a list of files with the same columns, in this folder
#     delimiter: ";"
#     decimal: ","                # and no marks for thousands
#     encoding: cp1252            # utf-8, utf-8-sig or cp1252
#     header_row: 1               # the row that names the columns (csv, xlsx)
#     sheet: Blad1                # xlsx only; needed where several sheets hold cells
#     labels: true                # sav only: read value labels in place of codes
#     date_format: "%d-%m-%Y"
#     "true": [ja, J]
#     "false": [nee, N]
#     unknown: [onbekend, "9"]
#     not_recorded: [""]          # "" is an empty cell
#     leave_out:                  # source column: words; rows that hold one are not read
#       Status: [ingetrokken]
#     columns:                    # contract column: source column
#       report_id: Meldingsnummer
#       report_date: {year: jaar, month: maand, day: dag}
#     codes:                      # contract column: contract code: source code, or a list of them
#       reporter: {police: [Politie, KLPD], kmar: KMar}

# Codes that the contract lacks, each with its group (of a nationality: the region).
# added_codes:
#   police_unit: {my_unit: ""}
#   nationality: {XAA: africa}
#   municipality: {GM0363: "", GM0003: GM1979, GM1979: ""}  # all there are; what each went into
# unit_denominators: {what: "inhabitants on 1 January 2019", values: {amsterdam: 900000}}
# offence_groups: {F1234: violence}
"""


def write_template(folder: Path) -> None:
    """Write one `<table>.csv` of headings for each table, `extract.yml` and README.txt into a new
    or empty folder.

    Tables that the extract does not have are to be deleted: a table without rows is warned of.
    Raises BadInput for a folder that holds files.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(
            f"{folder.name} is not an empty folder; name a new one, so that nothing is written over"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES.values():
        (folder / f"{table.name}.csv").write_text(
            ",".join(table.names) + "\n", encoding="utf-8", newline="\n"
        )
    (folder / EXTRACT).write_text(MAPPING, encoding="utf-8", newline="\n")
    (folder / "README.txt").write_text(describe_contract(), encoding="utf-8", newline="\n")


def describe_contract() -> str:
    """The contract in plain text: each table, its columns and their codes."""
    opening = (
        "Fill the tables you have, delete the others, and run: monitor validate FOLDER\n"
        "Coded columns have the codes unknown and not_recorded besides those listed; in columns of dates and numbers both are empty.\n"
    )
    return opening + "\n" + "\n".join(_describe_table(table) for table in TABLES.values())


def _describe_table(table: Table) -> str:
    lines = [f"{table.name}: one row is {table.row}. Key: {', '.join(table.key)}."]
    for column in table.columns:
        lines += textwrap.wrap(
            f"{column.name}: {column.meaning}{_describe_kind(table, column)}",
            118,
            initial_indent="  ",
            subsequent_indent="      ",
            break_on_hyphens=False,
        )
    return "\n".join(lines) + "\n"


def _describe_kind(table: Table, column: Column) -> str:
    empty = (
        "; may be left out"
        if column.name in table.optional
        else "; may be empty"
        if column.nullable
        else ""
    )
    if column.codes:
        codes = list(read_codes(column.codes))
        several = " (several joined by |)" if column.kind == "codes" else ""
        if column.shape:
            return f" [code: {column.prefix} and four digits, or the digits alone{empty}]"
        return f" [codes{several}: {', '.join(codes) if len(codes) <= LONGEST_LIST else 'ISO 3166-1 alpha-3, XXA, XKX'}{empty}]"
    return f" [{column.kind}{f', {column.unit}' if column.unit else ''}{empty}]"
