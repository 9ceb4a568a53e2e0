"""The parameter file of a new edition, from its years."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from contextlib import contextmanager

from helpers.edition import (
    BUNDLES,
    BadInput,
    Edition,
    define_edition,
    find_edition_file,
    list_editions,
    name_file,
    read_edition,
)
from helpers.sources import Extract, Validation

# A year of fewer rows is not named, nor whether it is there.
FEWEST = 10
# So many rows of a year that two months without one are no accident.
MANY = 60
# The tables whose years are those of the edition.
_YEARLY = ("reports", "residence_decisions", "incidents")


def define_new(name: str) -> Edition:
    """The edition that FIRST-LAST names. Raises BadInput for another form, years the wrong way
    round, a name that is taken, or a period that another edition has already. One that was killed
    before its bundle was kept may be begun again."""
    years = re.fullmatch(r"(\d{4})-(\d{4})", name)
    if years is None:
        raise BadInput(f"{name!r} is no period; write FIRST-LAST, such as 2017-2021, or 2021-2021")
    edition = define_edition(edition=name, period_start=int(years[1]), period_end=int(years[2]))
    if name in list_editions():
        is_begun = find_edition_file(name).read_text(encoding="utf-8") == _write(edition)
        if is_begun and not (BUNDLES / name).exists():
            return edition
        raise BadInput(
            f"notebooks/editions/{name}.yml exists, and nothing was changed; monitor book --edition "
            f"{name} --registers DIR builds it anew, and who wants another edition of the same years "
            "gives it a file of another name"
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
    for table in _YEARLY:
        rows = _count_rows(validation, table)
        missing = [year for year in edition.years if rows.get(year, 0) < FEWEST]
        if missing and rows:
            named = ", ".join(map(str, missing))
            faults.append(f"{table} has fewer than {FEWEST} rows in {named}")
    if faults:
        raise BadInput(
            f"the extract covers a part of {edition.period} only: {'; '.join(faults)}; name the years "
            "that it covers, or deliver the others; nothing was changed"
        )


def check_whole_years(validation: Validation, extract: Extract, edition: Edition) -> None:
    """Raise BadInput where the first or the last year of the edition is not whole in the extract:
    half a year would stand beside whole ones, and people would be followed beyond what is known.

    The registers are known until `reference_date`, else until they were extracted. Where a table
    that counts by year has many rows in an outer year and none in its outer months, it begins or
    ends there.
    """
    until = extract.reference_date or extract.extraction_date
    last = edition.period_end
    if until is not None and until < datetime.date(last, 12, 31):
        whole = until.year - 1 if (until.month, until.day) < (12, 31) else until.year
        faults = [f"the registers are known until {until}, so {last} is not whole"]
        remedy = f"the last whole year is {whole}"
    else:
        faults = [
            fault for table in _YEARLY for fault in _find_partial_years(validation, table, edition)
        ]
        remedy = "name the whole years"
    if faults:
        raise BadInput(
            f"edition {edition.edition}: {'; '.join(faults)}; {remedy}, in an edition of that name; "
            "nothing was changed"
        )


def _find_partial_years(validation: Validation, table: str, edition: Edition) -> list[str]:
    if table not in validation.tallies:
        return []
    rows = _count_rows(validation, table)
    months = {(month // 12, month % 12 + 1) for month in validation.tallies[table].months}
    begun = edition.study_start if table == "incidents" else edition.period_start
    faults = []
    for year, outer, way in (
        (begun, {(begun, month) for month in (1, 2)}, "begins within"),
        (edition.period_end, {(edition.period_end, month) for month in (11, 12)}, "ends within"),
    ):
        is_outer = not any(other < year if year == begun else other > year for other, _ in months)
        if is_outer and rows.get(year, 0) >= MANY and not outer & months:
            faults.append(f"{table} {way} {year}, which is not whole")
    return faults


def _count_rows(validation: Validation, table: str) -> dict[int, int]:
    read = validation.completeness
    part = read[(read["table"] == table) & (read["year"] > 0)]
    if part.empty:
        return {}
    return part[part["column"] == part["column"].iloc[0]].groupby("year")["n"].sum().to_dict()


@contextmanager
def begin_edition(edition: Edition) -> Iterator[str]:
    """Write the parameter file; gives its name. What is not in it has the default that every
    edition has. Where what follows fails, a file that was not there before is taken away again."""
    path = find_edition_file(edition.edition)
    is_new = not path.exists()
    path.write_text(_write(edition), encoding="utf-8", newline="\n")
    try:
        yield name_file(path)
    except BaseException:
        if is_new:
            path.unlink(missing_ok=True)
        raise


def _write(edition: Edition) -> str:
    return (
        f"edition: {edition.edition}\nperiod_start: {edition.period_start}\n"
        f"period_end: {edition.period_end}\n"
    )
