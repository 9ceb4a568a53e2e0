"""Checks what rows tell together: keys, references, spells, and one person's dates and sex. A row
is held as a few numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from helpers.schema import LIVED, TABLES, Reference, Table
from helpers.sources.problems import FEWEST_TO_NAME, SHOWN_ROWS, Problem

# Columns that others refer to.
REFERRED = {
    (reference.to_table, reference.to_column)
    for table in TABLES.values()
    for reference in table.references
}
# Dates of tables that name no person of persons, and are held against each other.
BESIDE_LIFE = {"cases": ("registration_date",), "suspects": ("birth_date",)}
# In so many rows, and so many times as often as any other, an identifier stands for none.
FEWEST_TO_CROWD, CROWD_TIMES = 10, 5
MISSING_HASH = np.uint64(0x5851F42D4C957F2D)
FUTURE, PAST = np.iinfo(np.int32).max, np.iinfo(np.int32).min


def hash_columns(*columns: pd.Series) -> np.ndarray:
    """A 64-bit number for each row of these columns; among ten million rows two that differ share
    one in 3 of a million extracts."""
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        mixed = _mix(mixed * np.uint64(6364136223846793005) + _hash_one(column))
    return mixed


def _hash_one(column: pd.Series) -> np.ndarray:
    """Texts by their bytes, codes by their texts, all else by its number; missing values alike."""
    if column.dtype == "category":
        kinds = _hash_words(pd.Series(column.cat.categories, dtype="string[pyarrow]"))
        return np.append(kinds, MISSING_HASH)[column.cat.codes.to_numpy()]
    if column.dtype.kind in "Mi" or pd.api.types.is_integer_dtype(column.dtype):
        is_missing = column.isna().to_numpy()
        numbers = column.fillna(column.dropna().min() if not is_missing.all() else 0)
        hashed = _mix(numbers.to_numpy().astype(np.int64).view(np.uint64))
        return np.where(is_missing, MISSING_HASH, hashed)
    return _hash_words(column.astype("string[pyarrow]"))


def _hash_words(words: pd.Series) -> np.ndarray:
    """A number of each word, from its bytes in eights; words of one length are taken together."""
    whole = pa.chunked_array(pa.array(words), type=pa.large_string()).combine_chunks()
    hashed = np.full(len(whole), MISSING_HASH, dtype=np.uint64)
    offsets = np.frombuffer(whole.buffers()[1], dtype=np.int64)[
        whole.offset : whole.offset + len(whole) + 1
    ]
    letters = np.frombuffer(whole.buffers()[2] or b"", dtype=np.uint8)
    lengths = np.where(pc.is_null(whole).to_numpy(zero_copy_only=False), -1, np.diff(offsets))
    for length in np.unique(lengths[lengths >= 0]):
        rows = np.flatnonzero(lengths == length)
        padded = np.zeros((len(rows), max(-(-length // 8), 1) * 8), dtype=np.uint8)
        padded[:, :length] = letters[offsets[rows][:, None] + np.arange(length)]
        mixed = np.full(len(rows), length, dtype=np.uint64)
        for eight in padded.view(np.uint64).T:
            mixed = _mix(mixed ^ eight)
        hashed[rows] = mixed
    return hashed


def _mix(numbers: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): each bit of a number moves all."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def count_days(dates: pd.Series, *, missing: int) -> np.ndarray:
    """Days since 1970 as int32, `missing` where there is no date."""
    days = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(dates.isna().to_numpy(), missing, days).astype(np.int32)


def find_cohort(birth_date: pd.Series) -> np.ndarray:
    """A number that two people share if they have the same age on 1 January of every year (annex
    B1.3.2): the year of the day before they were born. 0 where the date is not known."""
    return (birth_date - pd.Timedelta(days=1)).dt.year.fillna(0).to_numpy(dtype=np.int32)


def _list_people(table: Table) -> list[str]:
    """The identifiers of a table beside that of its row."""
    return [
        column.name
        for column in table.columns
        if column.kind == "id" and column.name != table.key[0]
    ]


def _number_sexes(sex: pd.Series) -> np.ndarray:
    """1 female, 2 male, 0 not known."""
    numbers = sex.map({"female": 1, "male": 2}).astype("float")
    return numbers.fillna(0).to_numpy(dtype=np.int8)


@dataclass
class _Held:
    """Columns of numbers of one table, piece by piece, with the file and row of each piece."""

    columns: dict[str, list[np.ndarray]] = field(default_factory=dict)
    places: list[tuple[str, np.ndarray]] = field(default_factory=list)

    def add(self, path: Path, rows: pd.Index, **columns: np.ndarray) -> None:
        self.places.append((path.name, rows.to_numpy().astype(np.int32)))
        for name, values in columns.items():
            self.columns.setdefault(name, []).append(values)

    def join(self, name: str) -> np.ndarray:
        return np.concatenate(self.columns[name])

    def name_rows(
        self, wrong: np.ndarray, column: str, rule: str, remedy: str, *, is_warning: bool = False
    ) -> Iterator[Problem]:
        """One problem a file for the rows where `wrong` is true."""
        start = 0
        for file, rows in self.places:
            hit = rows[wrong[start : start + len(rows)]]
            start += len(rows)
            if len(hit):
                yield Problem(
                    file,
                    column,
                    rule,
                    len(hit),
                    tuple(int(row) for row in hit[:SHOWN_ROWS]),
                    remedy,
                    is_warning,
                )


class Links:
    """What is kept of the rows of an extract until all tables were seen."""

    def __init__(self) -> None:
        self.held: dict[str, _Held] = {}
        self._known: dict[tuple[str, str], tuple[pd.Index, np.ndarray]] = {}
        self._places: dict[tuple[str, str], np.ndarray] = {}

    def add(self, path: Path, typed: pd.DataFrame, table: Table) -> None:
        """Keep a piece's keys, references and dates as numbers."""
        keys = [typed[name] for name in table.key if name in typed]
        columns = {"key": hash_columns(*keys)}
        for name in dict.fromkeys(
            [reference.column for reference in table.references]
            + [column for name, column in REFERRED if name == table.name]
            + _list_people(table)
        ):
            columns[name] = columns["key"] if table.key == (name,) else hash_columns(typed[name])
        for column in table.columns:
            if column.life and column.name in typed:
                columns[column.name] = count_days(typed[column.name], missing=FUTURE)
        for name in BESIDE_LIFE.get(table.name, ()):
            columns[name] = count_days(typed[name], missing=PAST)
        if table.name == "persons":
            columns |= {
                "birth_date": count_days(typed["birth_date"], missing=PAST),
                "death_date": count_days(typed["death_date"], missing=FUTURE),
                "cohort": find_cohort(typed["birth_date"]),
                "known_sex": _number_sexes(typed["sex"]),
            }
        if table.name == "reports":
            columns |= {
                "victim_year": hash_columns(
                    typed["victim_id"], typed["report_date"].dt.year.astype("Int64")
                ),
                "sex": _number_sexes(typed["sex"]),
            }
        self.held.setdefault(table.name, _Held()).add(path, typed.index, **columns)

    def find_problems(self) -> list[Problem]:
        """Everything that only the whole extract shows."""
        found = [problem for name in self.held for problem in self._find_duplicates(name)]
        found += [problem for name in self.held for problem in self._find_orphans(name)]
        found += [problem for name in self.held for problem in self._find_life_faults(TABLES[name])]
        found += [*self._find_unlike(), *self._find_unborn_suspects(), *self._find_crowded()]
        return found + list(self._find_overlaps()) + list(self._find_two_sexes())

    def _find_duplicates(self, name: str) -> Iterator[Problem]:
        keys = self.held[name].join("key")
        order = np.argsort(keys, kind="stable")
        repeated = np.zeros(len(keys), dtype=bool)
        repeated[order[1:]] = keys[order[1:]] == keys[order[:-1]]
        yield from self.held[name].name_rows(
            repeated,
            " and ".join(TABLES[name].key),
            "the key stands in an earlier row too",
            "keep one row of each key",
        )

    def _find_orphans(self, name: str) -> Iterator[Problem]:
        for reference in TABLES[name].references:
            if reference.to_table in self.held:
                wrong = self._find_places(name, reference) < 0
                remedy = f"add it to {reference.to_table}, or take the row out"
                if reference.to_table == "persons":
                    remedy = "add the person to persons, or take the row out"
                yield from self.held[name].name_rows(
                    wrong,
                    reference.column,
                    f"not in {reference.to_table}.{reference.to_column}",
                    remedy,
                )

    def _find_persons(self, name: str, column: str) -> np.ndarray:
        """The place of each person in the table of persons, -1 for somebody who is not there."""
        return self._find_places(name, Reference(column, "persons", "person_id"))

    def _find_places(self, name: str, reference: Reference) -> np.ndarray:
        """The place of each value in the table that it refers to, -1 where it is not there."""
        key = (name, reference.column)
        if key not in self._places:
            target = (reference.to_table, reference.to_column)
            if target not in self._known:
                values = pd.Series(self.held[target[0]].join(target[1]))
                first = values[~values.duplicated()]
                self._known[target] = pd.Index(first), first.index.to_numpy(dtype=np.int32)
            known, rows = self._known[target]
            place = known.get_indexer(self.held[name].join(reference.column))
            self._places[key] = np.where(place < 0, np.int32(-1), rows[place])
        return self._places[key]

    def _find_life_faults(self, table: Table) -> Iterator[Problem]:
        held = self.held[table.name]
        dates = [c for c in table.columns if c.life and c.name in held.columns]
        if "persons" not in self.held or not dates:
            return
        person = self._find_persons(table.name, table.person)
        born, died = (
            self.held["persons"].join("birth_date"),
            self.held["persons"].join("death_date"),
        )
        for column in dates:
            days = held.join(column.name)
            is_known = (person >= 0) & (days != FUTURE)
            yield from held.name_rows(
                is_known & (days < born[person]),
                column.name,
                "before the person was born",
                "mend the date, or birth_date in persons",
            )
            if column.life == LIVED:
                yield from held.name_rows(
                    is_known & (days > died[person]),
                    column.name,
                    "after the person died",
                    "mend the date, or death_date in persons",
                )

    def _find_crowded(self) -> Iterator[Problem]:
        """An identifier of people in far more rows than any other may stand for a missing one."""
        for name, column in ((t, c) for t in self.held for c in _list_people(TABLES[t])):
            held = self.held[name]
            numbers = held.join(column)
            ordered = np.sort(numbers)
            first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
            n = np.diff(np.append(first, len(ordered)))
            if len(n) < 3:
                continue
            next_most, most = np.partition(n, len(n) - 2)[-2:]
            if most >= max(FEWEST_TO_CROWD, CROWD_TIMES * next_most):
                yield from held.name_rows(
                    numbers == ordered[first[np.argmax(n)]],
                    column,
                    "one identifier stands in far more rows than any other, as a word for a missing one does",
                    "see whom it stands for; name such rows under leave_out in extract.yml",
                    is_warning=True,
                )

    def _find_unlike(self) -> Iterator[Problem]:
        """A control is another person, of the victim's sex and of the same age on 1 January of the
        index year (annex B1.3.2)."""
        if "matches" not in self.held:
            return
        held = self.held["matches"]
        victim, control = held.join("victim_id"), held.join("control_id")
        yield from held.name_rows(
            victim == control,
            "victim_id and control_id",
            "a victim is their own control",
            "take the row out, or name another control",
        )
        yield from self._find_no_victims(victim)
        if "persons" not in self.held:
            return
        persons = self.held["persons"]
        for column, words in (("known_sex", "sex"), ("cohort", "age on 1 January")):
            values = persons.join(column)
            own, theirs = (
                self._find_persons("matches", one) for one in ("victim_id", "control_id")
            )
            both = (own >= 0) & (theirs >= 0) & (victim != control)
            known = both & (values[own] != 0) & (values[theirs] != 0)
            yield from held.name_rows(
                known & (values[own] != values[theirs]),
                "victim_id and control_id",
                f"a control of another {words} than the victim",
                "match anew, or find out how the controls were chosen",
                is_warning=True,
            )

    def _find_no_victims(self, victim: np.ndarray) -> Iterator[Problem]:
        """Most of those who have controls are victims of something."""
        if "incidents" not in self.held:
            return
        known = self.held["incidents"].join("person_id")
        strange = ~np.isin(victim, known)
        people = np.unique(victim)
        n = int((~np.isin(people, known)).sum())
        if n >= FEWEST_TO_NAME and 2 * n > len(people):
            yield from self.held["matches"].name_rows(
                strange,
                "victim_id",
                "most of the victims have no incident",
                "see whether victim_id and control_id are exchanged, or whether incidents are complete",
                is_warning=True,
            )

    def _find_unborn_suspects(self) -> Iterator[Problem]:
        """A case is not registered before its suspects were born."""
        if not {"cases", "suspects"} <= set(self.held):
            return
        held = self.held["suspects"]
        case = self._find_places("suspects", Reference("case_id", "cases", "case_id"))
        registered = self.held["cases"].join("registration_date")[case]
        yield from held.name_rows(
            (case >= 0) & (registered != PAST) & (held.join("birth_date") > registered),
            "birth_date",
            "the case was registered before the suspect was born",
            "mend the date, or registration_date in cases",
        )

    def _find_overlaps(self) -> Iterator[Problem]:
        if "residence_spells" not in self.held:
            return
        held = self.held["residence_spells"]
        person, start, end = held.join("person_id"), held.join("from_date"), held.join("to_date")
        order = np.lexsort((start, person))
        wrong = np.zeros(len(person), dtype=bool)
        same = person[order[1:]] == person[order[:-1]]
        wrong[order[1:]] = same & (start[order[1:]] < end[order[:-1]])
        yield from held.name_rows(
            wrong,
            "from_date",
            "the spell begins before the person's last one ended",
            "join the spells, or mend their dates",
        )

    def _find_two_sexes(self) -> Iterator[Problem]:
        if "reports" not in self.held:
            return
        held = self.held["reports"]
        groups, place = np.unique(held.join("victim_year"), return_inverse=True)
        sex = held.join("sex")
        both = (np.bincount(place, weights=sex == 1, minlength=len(groups)) > 0) & (
            np.bincount(place, weights=sex == 2, minlength=len(groups)) > 0
        )
        yield from held.name_rows(
            both[place] & (sex > 0),
            "sex",
            "a victim has two different known sexes in one calendar year",
            "find out which holds; write the other report's as unknown",
        )
