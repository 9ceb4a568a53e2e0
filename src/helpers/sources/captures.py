"""Reads and checks the capture table that a re-runner brings: one row a combination of lists, with
the number of victims who were on exactly those. It derives nothing.

A folder of registers holds `extract.yml` (source, and for captures the period) and `captures.csv`
in one of two forms: one row a combination of lists (a column of 0 and 1 a list, and `n`), or one
row a victim and list (`victim_id`, `list`). Both may have `region`.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd

from helpers.edition import FIRST_YEAR, LAST_YEAR, BadInput
from helpers.sources.entries import read_entries
from helpers.sources.headers import clean_heading
from helpers.sources.limits import LARGEST_CAPTURES
from helpers.sources.problems import FEWEST_TO_NAME, Problem, UnreadableExtract, join_lists
from helpers.sources.text import as_text
from helpers.sources.typed import Found, check_text, read_identifiers

COUNT = "n"
FEWEST_LISTS, MOST_LISTS = 3, 20


def list_names(captures: pd.DataFrame) -> list[str]:
    """Names of the lists: every column but the count."""
    return [column for column in captures.columns if column != COUNT]


def check_captures(captures: pd.DataFrame) -> None:
    """Raise BadInput, naming the rule, where `captures` is no table that an estimate can rest
    on."""
    lists = list_names(captures)
    if COUNT not in captures or len(lists) < FEWEST_LISTS:
        raise BadInput(
            f"captures have {len(lists)} lists; {FEWEST_LISTS} at the least, since with two their dependence cannot be told from those on neither"
        )
    if not captures[lists].isin([0, 1]).all(axis=None):
        raise BadInput("a list column holds something else than 0 (not on the list) and 1 (on it)")
    counts = pd.to_numeric(captures[COUNT], errors="coerce")
    if counts.isna().any() or (counts < 0).any() or (counts % 1 != 0).any():
        raise BadInput(
            f"column {COUNT}: {int((counts.isna() | (counts < 0) | (counts % 1 != 0)).sum())} rows hold no whole number from 0 up"
        )
    if captures[lists].duplicated().any():
        raise BadInput(
            f"{int(captures[lists].duplicated().sum())} patterns of lists stand twice; add their counts into one row each"
        )
    if (captures[lists].sum(axis=1) == 0).any():
        raise BadInput(
            "a row counts victims who were on no list; that number is what is estimated, take the row out"
        )
    empty = [name for name in lists if captures.loc[captures[name] == 1, COUNT].sum() == 0]
    if empty:
        raise BadInput(f"list {join_lists(empty)} holds nobody; leave it out")
    whole = [name for name in lists if captures.loc[captures[name] == 0, COUNT].sum() == 0]
    if whole:
        raise BadInput(
            f"list {join_lists(whole)} holds everybody who is on any list, so that nothing tells how many it misses; leave it out"
        )
    if captures.loc[captures[lists].sum(axis=1) > 1, COUNT].sum() == 0:
        raise BadInput("no victim was on two lists; without overlap nothing can be estimated")


def read_captures(folder: Path) -> tuple[pd.DataFrame, str, str] | None:
    """The capture table of a folder of registers (list columns of 0 and 1, `n`, and `region` where
    there is one), its period ("2016-2020") and its source; None where the folder holds none.

    Raises BadInput naming file, row or column, and remedy; a victim's identifier is never printed.
    """
    path = folder / "captures.csv"
    if not path.exists():
        return None
    if not path.is_file() or path.is_symlink():
        raise BadInput("captures.csv is no file of this folder; put the file itself there")
    period, source = _read_extract(folder / "extract.yml")
    rows = _read_rows(path)
    if "region" in rows:
        _check_alike(rows["region"], "regions")
    return (
        _count_patterns(rows) if {"victim_id", "list"} <= set(rows) else _read_patterns(rows),
        period,
        source,
    )


def sum_regions(captures: pd.DataFrame) -> pd.DataFrame:
    """The capture table of all regions together; as it is where there are none."""
    whole = captures.drop(columns="region", errors="ignore")
    return whole.groupby(list(whole.columns.drop(COUNT)), as_index=False)[COUNT].sum()


def describe_captures(folder: Path) -> tuple[Problem | None, str]:
    """What keeps the captures of a folder from being used, or None; and what was read of them, ""
    where nothing was."""
    words = ""
    try:
        if (found := read_captures(folder)) is not None:
            captures, period, _ = found
            whole = sum_regions(captures)
            check_captures(whole)
            words = _describe_read(captures, whole, period)
    except BadInput as error:
        rule, _, remedy = str(error).removeprefix("captures.csv, ").partition("; ")
        return Problem("captures.csv", "", rule, 0, (), remedy or "see the rule"), ""
    except (OSError, ValueError, csv.Error):
        remedy = "save it as UTF-8 with commas"
        return Problem("captures.csv", "", "no whole csv file", 0, (), remedy), ""
    return None, words


def _describe_read(captures: pd.DataFrame, whole: pd.DataFrame, period: str) -> str:
    n = int(whole[COUNT].sum())
    words = [
        f"captures: captures.csv; {len(list_names(whole))} lists",
        f"{len(whole)} combinations of them",
        f"{n if n >= FEWEST_TO_NAME else f'fewer than {FEWEST_TO_NAME}'} victims",
        f"period {period}",
    ]
    if "region" in captures:
        words.append(f"{captures['region'].nunique()} regions")
    return "; ".join(words)


def _read_extract(path: Path) -> tuple[str, str]:
    """Period and source, by the reader of every other entry."""
    if not path.exists():
        raise BadInput(
            f"{path.name} is missing beside captures.csv; write its lines 'source: ...' and 'captures: {{period: 2016-2020}}'"
        )
    try:
        entries = read_entries(path.parent)
    except UnreadableExtract as error:
        problem = error.problems[0]
        raise BadInput(f"{path.name}: {problem.rule}; {problem.remedy}") from None
    if entries.captures is None:
        raise BadInput(
            f"{path.name} needs the lines 'source: ...' and 'captures: {{period: 2016-2020}}'"
        )
    period, source = entries.captures.period, entries.source
    years = period.split("-")
    if not (
        1 <= len(years) <= 2
        and all(re.fullmatch(r"[0-9]{4}", year) for year in years)
        and all(FIRST_YEAR <= int(year) <= LAST_YEAR for year in years)
        and years[0] <= years[-1]
    ):
        raise BadInput(
            f"{path.name}, captures.period: {period!r}; write the first and last year, such as 2016-2020"
        )
    return period, source


def _read_rows(path: Path) -> pd.DataFrame:
    if path.stat().st_size > LARGEST_CAPTURES:
        raise BadInput(
            f"{path.name} has more than {LARGEST_CAPTURES >> 20} MB; count the victims of each combination of lists, one row each"
        )
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    rows = [row for row in csv.reader(io.StringIO(content, newline="")) if row]
    if len(rows) < 2:
        raise BadInput(f"{path.name} has no rows; take it out of the folder, or fill it")
    head = [clean_heading(name) for name in rows[0]]
    if len(head) < 2:
        raise BadInput(f"{path.name}, row 1: one column only; separate columns by commas")
    if len(set(head)) < len(head):
        raise BadInput(f"{path.name}, row 1: a column stands twice; name each once")
    ragged = [number for number, row in enumerate(rows[1:], start=2) if len(row) != len(head)]
    if ragged:
        raise BadInput(
            f"{path.name}, row {ragged[0]}: {len(rows[ragged[0] - 1])} cells where {len(head)} belong; quote cells that hold a comma"
        )
    frame = pd.DataFrame(rows[1:], columns=head, index=range(2, len(rows) + 1))
    for name in frame:
        read = read_identifiers if name == "victim_id" else _read_words
        frame[name] = read(frame[name].astype("string[pyarrow]"), _refuse_in(name)).astype(object)
    return frame


def _read_words(values: pd.Series, found: Found) -> pd.Series:
    words = as_text(values)
    check_text(words, found)
    return words


def _refuse_in(column: str) -> Found:
    """What raises BadInput for the first rule that a cell of this column breaks."""

    def found(rule: str, wrong: pd.Series, remedy: str) -> None:
        rows = wrong.index[wrong.fillna(False).to_numpy(dtype=bool)]
        if len(rows):
            shown = column if column in ("victim_id", "list", "region", COUNT) else "of a list"
            raise BadInput(
                f"captures.csv, row {rows[0]}, column {shown}: {rule}; {len(rows)} rows; {remedy}"
            )

    return found


def _read_patterns(rows: pd.DataFrame) -> pd.DataFrame:
    """A pattern table with its numbers read; what the lists must be is the estimators' to check
    (`check_captures`)."""
    if "n" not in rows:
        raise BadInput(
            "captures.csv, row 1: neither the column n (victims of a combination of lists) nor victim_id and list; name one form"
        )
    _check_alike(rows.columns.drop("region", errors="ignore").to_series(), "lists")
    for column in rows.columns.drop("region", errors="ignore"):
        _refuse_in(column)(
            "no whole number",
            ~rows[column].str.fullmatch(r"[0-9]{1,9}"),
            "write 0 or 1 for a list and a count for n",
        )
    return rows.assign(
        **{
            column: rows[column].astype(int)
            for column in rows.columns.drop("region", errors="ignore")
        }
    ).reset_index(drop=True)


def _check_alike(names: pd.Series, what: str) -> None:
    """Raise where two names differ in capitals, blanks or marks alone."""
    kinds = pd.Series(names.unique(), dtype=object)
    bare = kinds.str.casefold().str.replace(r"[\W_]", "", regex=True)
    n = int(bare.duplicated(keep=False).sum())
    if n:
        raise BadInput(
            f"captures.csv: {n} {what} differ in capitals, blanks or marks alone, and would be counted apart; write each in one way"
        )


def _count_patterns(rows: pd.DataFrame) -> pd.DataFrame:
    """The pattern table of rows of a victim and a list; a victim has one region."""
    for column in rows:
        _refuse_in(column)("empty", rows[column] == "", "fill them or take them out")
    _check_alike(rows["list"], "lists")
    if rows["list"].nunique() > MOST_LISTS:
        raise BadInput(
            f"captures.csv, column list: more than {MOST_LISTS} lists; are two columns exchanged?"
        )
    by = ["victim_id", "region"] if "region" in rows else ["victim_id"]
    if "region" in rows and (
        several := int((rows.groupby("victim_id")["region"].nunique() > 1).sum())
    ):
        raise BadInput(
            f"captures.csv, column region: {several} victims stand in more than one region; give each victim one"
        )
    wide = rows.assign(on=1).pivot_table(
        index=by, columns="list", values="on", aggfunc="max", fill_value=0
    )
    lists = list(wide.columns)
    flat = wide.reset_index()
    return flat.groupby([*lists, *by[1:]], as_index=False).size().rename(columns={"size": "n"})
