"""Whole tables of a source, cell by cell: what each printed, and whether it adds up.

A cell has the id TABLE:CATEGORY:PERIOD, such as "B3.6:left_unsupervised:2010". A printed number is
never repaired: where a table does not add up, the cell stands in the list of contradictions
(`read_contradictions`), and only there an exception is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.edition import FACTS, PUBLISHED, BadInput, name_file, read_yaml
from helpers.published.catalogue import NUMBER_COLUMNS, read_documents
from helpers.published.facts import FACT_COLUMNS, mark_published, read_facts
from helpers.published.files import check_allowed, check_number, read_table

FOLDER = PUBLISHED / "tables"
TABLES_SOURCE = "002_30d2b0328e6ecf88"
CELL_COLUMNS = [
    "category",
    "period",
    "n",
    "percent",
    "rank",
    "index",
    "change_percent",
    "footnote",
    "line",
    "printed",
]
_NUMBERS = ["n", "percent", "rank", "index", "change_percent", "footnote", "line"]
# One point, for the rounding of the printed percentage; a little more would hide a wrong cell.
WITHIN_POINTS = 1.0


@dataclass(frozen=True)
class PrintedTable:
    """What a table of the Ninth report counts. `whole` is the period of its total column, "" where
    it has none."""

    name: str
    measure: str
    population: str
    breakdown: str
    whole: str
    section: str

    @property
    def file(self) -> str:
        return f"table_{self.name.replace('.', '_')}.csv"


TABLES = {
    table.name: table
    for table in (
        PrintedTable("2.1", "rank", "d9_persons", "nationality", "2009-2012", "2.6.5.3"),
        PrintedTable("2.2", "victims", "comensha_victims", "nationality_x_age_group", "", "2.10.1"),
        PrintedTable("2.3", "rank", "iom_returned_victims", "nationality", "2008-2012", "2.11.2.2"),
        PrintedTable("B3.1", "persons", "d9_persons", "total", "2009-2012", "B3"),
        PrintedTable("B3.2", "persons", "d9_persons", "sex", "2009-2012", "B3"),
        PrintedTable("B3.3", "persons", "d9_persons", "age_group", "2009-2012", "B3"),
        PrintedTable("B3.4", "persons", "d9_persons", "nationality", "2009-2012", "B3"),
        PrintedTable("B3.5", "persons", "d9_persons", "police_report", "2009-2012", "B3"),
        PrintedTable("B3.6", "persons", "d9_persons", "outflow", "2009-2012", "B3"),
        PrintedTable("B3.7", "persons", "d9_persons_with_permit", "permit", "2009-2012", "B3"),
        PrintedTable("B4.1", "victims", "iom_returned_victims", "total", "2008-2012", "B4"),
        PrintedTable("B4.2", "victims", "iom_returned_victims", "sex", "2008-2012", "B4"),
        PrintedTable("B4.3", "victims", "iom_returned_victims", "age_group", "2008-2012", "B4"),
        PrintedTable("B4.4", "victims", "iom_returned_victims", "nationality", "2008-2012", "B4"),
        PrintedTable("B4.5", "victims", "iom_returned_victims", "form", "2009-2012", "B4"),
        PrintedTable("B4.6", "victims", "iom_returned_victims", "referrer", "2010-2012", "B4"),
        PrintedTable(
            "B4.7", "victims", "iom_returned_victims", "time_to_departure", "2008-2012", "B4"
        ),
    )
}


def read_printed_table(name: str, *, folder: Path = FOLDER) -> pd.DataFrame:
    """The cells of one table, in its order: the columns of the file (numbers as numbers, an empty
    cell as NaN), and `id`.

    `n` is a count, `percent` as printed (0 to 100), `rank` the printed rank; "-" in the source is
    0. The index is the row of the file. Raises BadInput with file, row, column and remedy.
    """
    if name not in TABLES:
        raise BadInput(f"no printed table {name!r}; there are {', '.join(TABLES)}")
    path = folder / TABLES[name].file
    cells = read_table(path, CELL_COLUMNS)
    for column in _NUMBERS:
        check_number(cells, column, path, allow=("",))
    twice = cells.index[cells.duplicated(["category", "period"])]
    if len(twice):
        raise BadInput(
            f"{name_file(path)}, row {twice[0]}: {cells.at[twice[0], 'category']} of {cells.at[twice[0], 'period']} stands twice; take one out"
        )
    check_allowed(cells, "period", _list_periods(name, cells), path)
    numbers = cells.assign(**{column: pd.to_numeric(cells[column]) for column in _NUMBERS})
    return numbers.assign(
        id=[
            f"{name}:{category}:{period}"
            for category, period in zip(cells["category"], cells["period"], strict=True)
        ]
    )


def _list_periods(name: str, cells: pd.DataFrame) -> set[str]:
    return {
        period
        for period in cells["period"]
        if period == TABLES[name].whole or (len(period) == 4 and period.isdigit())
    }


def find_faults(name: str, cells: pd.DataFrame) -> dict[str, str]:
    """Cells that do not follow from the others, by id, with the arithmetic: sums over the years and
    over the categories, percentages of the year's total within a point, indices and changes of B3.1
    and B4.1."""
    if cells["n"].isna().all():
        return {}
    counts = {(row.category, row.period): row for row in cells.itertuples()}
    return {
        **_check_rows(name, counts),
        **_check_columns(name, counts),
        **_check_percentages(name, counts),
        **_check_changes(name, counts),
    }


def _check_rows(name: str, counts: dict) -> dict[str, str]:
    whole, faults = TABLES[name].whole, {}
    for category in dict.fromkeys(category for category, _ in counts):
        parts = [
            row.n
            for (other, period), row in counts.items()
            if other == category and period != whole
        ]
        if whole and sum(parts) != counts[category, whole].n:
            faults[f"{name}:{category}:{whole}"] = (
                f"the years add up to {sum(parts):g}, the total column says {counts[category, whole].n:g}"
            )
    return faults


def _check_columns(name: str, counts: dict) -> dict[str, str]:
    faults = {}
    for total in [
        category
        for category in dict.fromkeys(category for category, _ in counts)
        if category.startswith("total")
    ]:
        ending = total.removeprefix("total")
        for period in dict.fromkeys(period for _, period in counts):
            parts = [
                row.n
                for (category, when), row in counts.items()
                if when == period and category != total and _belongs(category, ending)
            ]
            if parts and sum(parts) != counts[total, period].n:
                faults[f"{name}:{total}:{period}"] = (
                    f"the rows add up to {sum(parts):g}, the total row says {counts[total, period].n:g}"
                )
    return faults


def _belongs(category: str, ending: str) -> bool:
    """Table 2.2 has a second row of each nationality, of the minors among them, with a total of its
    own."""
    return category.endswith(ending) if ending else not category.endswith("_minor")


def _check_percentages(name: str, counts: dict) -> dict[str, str]:
    faults = {}
    for (category, period), row in counts.items():
        if pd.isna(row.percent):
            continue
        whole = category.removesuffix("_minor") if name == "2.2" else "total"
        share = 100 * row.n / counts[whole, period].n
        if abs(share - row.percent) > WITHIN_POINTS:
            faults[row.id] = (
                f"{row.n:g} of {counts[whole, period].n:g} is {share:.1f}%, printed is {row.percent:g}%"
            )
    return faults


def _check_changes(name: str, counts: dict) -> dict[str, str]:
    faults = {}
    years = [
        row
        for (category, period), row in counts.items()
        if category == "total" and period != TABLES[name].whole
    ]
    for before, row in zip([None, *years], years, strict=False):
        if pd.notna(row.index) and abs(row.n / years[0].n - row.index) > 0.051:
            faults[row.id] = (
                f"{row.n:g} / {years[0].n:g} is {row.n / years[0].n:.2f}, the printed index is {row.index:g}"
            )
        if (
            pd.notna(row.change_percent)
            and abs(100 * (row.n / before.n - 1) - row.change_percent) > WITHIN_POINTS
        ):
            faults[row.id] = (
                f"{before.n:g} to {row.n:g} is {100 * (row.n / before.n - 1):.1f}%, printed is {row.change_percent:g}%"
            )
    return faults


def check_printed_tables(contradictions: pd.DataFrame, *, folder: Path = FOLDER) -> int:
    """How many cells there are, once every table is known to add up but for the cells that the
    contradictions name.

    Raises BadInput naming the file, the row and the cell of the first fault that nobody listed.
    """
    listed = {name for numbers in contradictions["numbers"] for name in numbers.split("|")}
    n_cells = 0
    for name, table in TABLES.items():
        cells = read_printed_table(name, folder=folder)
        n_cells += len(cells)
        for cell, arithmetic in find_faults(name, cells).items():
            if cell not in listed:
                row = cells.index[cells["id"] == cell][0]
                raise BadInput(
                    f"{name_file(folder / table.file)}, row {row}, cell {cell}: {arithmetic}; correct the cell that was changed, "
                    "or list the contradiction with its arithmetic in data/published/contradictions.csv"
                )
    return n_cells


def check_cells_against_source(lines: list[str], *, folder: Path = FOLDER) -> None:
    """Raise BadInput where a cell names a line of the source that does not hold what it says is
    printed."""
    for name, table in TABLES.items():
        for row, cell in read_printed_table(name, folder=folder).iterrows():
            if cell["printed"] not in lines[int(cell["line"]) - 1]:
                raise BadInput(
                    f"{name_file(folder / table.file)}, row {row}, cell {cell['id']}: line {cell['line']:g} of the source does not hold {cell['printed']!r}; correct it"
                )


def tabulate_printed(name: str, *, rows: str = "all", years: range | None = None) -> pd.DataFrame:
    """The counts of one table as a table that can be released, as printed: category, period, n,
    share (the printed percentage), precision, source (the cell), status, mark. `rows` is all,
    without_total (no row of totals) or total (only that); `years` keeps single years."""
    cells = read_printed_table(name)
    if years is not None:
        cells = cells[cells["period"].isin([str(year) for year in years])]
    is_total = cells["category"] == "total"
    # A dash beside a count is no percentage of zero.
    cells = cells.assign(percent=cells["percent"].mask((cells["percent"] == 0) & (cells["n"] > 0)))
    chosen = {"all": cells, "without_total": cells[~is_total], "total": cells[is_total]}[rows]
    table = pd.DataFrame(
        {
            "category": chosen["category"],
            "period": chosen["period"],
            "n": chosen["n"],
            "share": chosen["percent"] / 100,
            "precision": chosen["percent"].notna().map({True: "rounded_percent", False: "exact"}),
            "source": chosen["id"],
        }
    )
    return mark_published(
        (table if table.empty else table.dropna(axis=1, how="all")).reset_index(drop=True)
    )


def read_cells() -> pd.DataFrame:
    """Every count of every table as a row of the catalogue: id, source, section, figure, measure,
    population, breakdown, category, period, value, unit, precision, line, quote. Ranks and
    percentages stay in the tables."""
    parts = []
    for name, table in TABLES.items():
        cells = read_printed_table(name).dropna(subset="n")
        parts.append(
            cells.assign(
                source=TABLES_SOURCE,
                section=table.section,
                figure=name,
                measure=table.measure,
                population=table.population,
                breakdown=table.breakdown,
                value=cells["n"],
                unit=table.measure,
                precision="exact",
                quote=cells["printed"],
            )
        )
    columns = [name for name in NUMBER_COLUMNS if name != "line_sha256"]
    return pd.concat(parts, ignore_index=True)[columns].astype({"line": int})


def read_register_table() -> pd.DataFrame:
    """Table 2.2 as public facts: all presumed victims and the minors among them, 2007-2011, all
    reporters (columns of `read_facts`)."""
    cells = read_printed_table("2.2")
    rows: list[dict[str, str]] = []
    for category, breakdown, code in (
        ("total", "total", "all"),
        ("total_minor", "age_group", "minor"),
    ):
        rows.extend(
            {
                "id": cell.id,
                "measure": "victims",
                "population": "register_all_reporters",
                "breakdown": breakdown,
                "category": code,
                "category_printed": "Totaal",
                "period": cell.period,
                "value": f"{cell.n:g}",
                "unit": "victims",
                "standing": "current",
                "source_title": "Mensenhandel: Negende rapportage",
                "source_publisher": "Nationaal Rapporteur",
                "source_url": "",
                "published": "2013",
                "note": "",
            }
            for cell in cells[cells["category"] == category].itertuples()
        )
    return pd.DataFrame(rows, columns=FACT_COLUMNS["public_statistics"])


def read_register_facts() -> pd.DataFrame:
    """Everything printed about the register by year: the public statistics, the United Nations
    rows, and table 2.2 of the Ninth report."""
    return pd.concat(
        [read_facts("public_statistics", "glotip_netherlands"), read_register_table()],
        ignore_index=True,
    )


def read_vintages() -> pd.DataFrame:
    """The same, and what else is printed of the register, each with the day (or month, or year) on
    which it was `published`: of the United Nations' rows that of their file, of the table that of
    the Ninth report."""
    facts = pd.concat([read_register_facts(), read_facts("subject_statistics")], ignore_index=True)
    record = read_yaml(FACTS / "glotip_netherlands.source.yml")
    documents = read_documents().set_index("source")["published"]
    days = facts["published"].fillna("")
    is_file = facts["id"].str.startswith("G")
    days = days.mask(days.eq("") & is_file, str(record["date"]))
    return facts.assign(published=days.mask(days.eq(""), documents[TABLES_SOURCE]))
