"""What a declaration of the register contract says: tables, their columns, references and the rules
between columns."""

from __future__ import annotations

from dataclasses import dataclass

# id: text that names a row or a person; code: one code of a list; codes: several, joined by "|";
# year and count: whole numbers.
KINDS = ("id", "date", "code", "codes", "bool", "year", "count", "age", "eur")
SEPARATOR = "|"
# What a date says about the life of the row's person. lived: nothing of it comes before the birth
# or after the death. entered: not before the birth; what a register enters after a death, such as a
# registration or the end of a spell, says nothing against it.
LIVED, ENTERED = "lived", "entered"
# Who keeps a register, by the name of the rule set under which its numbers may leave.
RAPPORTEUR, STATISTICS_OFFICE = "rapporteur", "statistics_office"
KEEPERS = (RAPPORTEUR, STATISTICS_OFFICE)


@dataclass(frozen=True)
class Column:
    """One column: `lower` and `upper` bound its values, both ends included; `codes` names a list of
    `data/codes/registers.csv`.

    `life` (LIVED or ENTERED) of a date says that it lies within the life of the row's person.
    `shape` (a pattern) lets any code of that form stand beside those of the list; `prefix` is what
    an export may have left out before the digits of such a code.
    `source` is the place that defines the column: a section of the monitor, or "contract" where the
    monitor is silent.
    """

    name: str
    kind: str
    meaning: str
    source: str = "contract"
    unit: str = ""
    nullable: bool = False
    codes: str = ""
    lower: float | None = None
    upper: float | None = None
    life: str = ""
    shape: str = ""
    prefix: str = ""

    def __post_init__(self) -> None:
        if self.life and (self.life not in (LIVED, ENTERED) or self.kind != "date"):
            raise ValueError(
                f"column {self.name}: life {self.life!r} is for dates, {LIVED} or {ENTERED}"
            )
        if self.kind not in KINDS or (self.kind in ("code", "codes")) != bool(self.codes):
            raise ValueError(
                f"column {self.name}: kind {self.kind!r} is none of {KINDS}, or a coded column names no list"
            )


@dataclass(frozen=True)
class Reference:
    """Values of `column` must stand in `to_column` of table `to_table`, where that table is in the
    extract."""

    column: str
    to_table: str
    to_column: str


@dataclass(frozen=True)
class Rule:
    """A rule between columns of one row. `kind` is `not_before` (`first` may not lie before
    `second`), `no_less` (nor be a smaller amount), `one_of` (at least one of `columns` is true),
    `needs` (`first` is known where `second` holds the code `code`), `only_with` (`first` is known
    only where `second` is true, or holds one of the codes `code`, joined by |) or `not_with`
    (`first` is not known where `second` holds the code `code`). A warning does not stop a run."""

    kind: str
    columns: tuple[str, ...]
    remedy: str
    code: str = ""
    is_warning: bool = False


@dataclass(frozen=True)
class Table:
    """One table of an extract: what a row is, its columns, who keeps it (one of KEEPERS), its key,
    its references, its rules and the date that gives its year."""

    name: str
    row: str
    columns: tuple[Column, ...]
    keeper: str
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    rules: tuple[Rule, ...] = ()
    year_of: str = ""
    # Columns that an extract may leave out altogether, such as breakdowns of a frequency table.
    optional: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.keeper not in KEEPERS:
            raise ValueError(f"table {self.name}: keeper {self.keeper!r} is none of {KEEPERS}")
        for column in self.columns:
            if column.kind == "date" and bool(self.person) != bool(column.life):
                raise ValueError(
                    f"table {self.name}: column {column.name} must say {LIVED} or {ENTERED} as its "
                    "life where the table names one person of persons, and only there"
                )

    @property
    def person(self) -> str:
        """The column that names the row's person; "" where there is none, or more than one."""
        named = [part.column for part in self.references if part.to_table == "persons"]
        return named[0] if len(named) == 1 else ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of this name. Raises KeyError for an unknown one."""
        return next(column for column in self.columns if column.name == name)
