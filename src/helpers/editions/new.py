"""The parameter file of a new edition, from its years."""

from __future__ import annotations

import re

from helpers.edition import EDITIONS, BadInput, Edition, define_edition, list_editions, read_edition
from helpers.sources import Validation

# A year of fewer rows is not named, nor whether it is there.
FEWEST = 10
# The tables whose years are those of the edition.
_YEARLY = ("reports", "residence_decisions", "incidents")


def define_new(name: str) -> Edition:
    """The edition that FIRST-LAST names. Raises BadInput for another form, years the wrong way round,
    a name that is taken, or a period that another edition has already."""
    years = re.fullmatch(r"(\d{4})-(\d{4})", name)
    if years is None:
        raise BadInput(f"{name!r} is no period; write FIRST-LAST, such as 2017-2021, or 2021-2021")
    edition = define_edition(edition=name, period_start=int(years[1]), period_end=int(years[2]))
    if name in list_editions():
        raise BadInput(
            f"notebooks/editions/{name}.yml exists, and nothing was changed; monitor book --edition "
            f"{name} builds it anew, and who wants another edition of the same years gives it a file "
            "of another name"
        )
    for other in list_editions():
        if read_edition(other).period == edition.period:
            raise BadInput(
                f"the edition {other} has the period {edition.period} already; nothing was changed"
            )
    return edition


def check_coverage(validation: Validation, edition: Edition) -> None:
    """Raise BadInput where a table that counts by year has no row in some years of the period."""
    faults = []
    read = validation.completeness
    for table in _YEARLY:
        part = read[(read["table"] == table) & (read["year"] > 0)]
        if part.empty:
            continue
        rows = part[part["column"] == part["column"].iloc[0]].groupby("year")["n"].sum()
        missing = [year for year in edition.years if rows.get(year, 0) < FEWEST]
        if missing:
            named = ", ".join(map(str, missing))
            faults.append(f"{table} has fewer than {FEWEST} rows in {named}")
    if faults:
        raise BadInput(
            f"the extract covers a part of {edition.period} only: {'; '.join(faults)}; name the years "
            "that it covers, or deliver the others; nothing was changed"
        )


def write_edition_file(edition: Edition) -> str:
    """Write the parameter file; returns its name. What is not in it has the default that every
    edition has."""
    path = EDITIONS / f"{edition.edition}.yml"
    content = (
        f"edition: {edition.edition}\nperiod_start: {edition.period_start}\n"
        f"period_end: {edition.period_end}\n"
    )
    path.write_text(content, encoding="utf-8", newline="\n")
    return f"notebooks/editions/{path.name}"
