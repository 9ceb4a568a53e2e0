"""What may be released: every table of the book and every column, each declared once.

A row of `data/codes/products.csv` is a released table: its chapter, the monitor's figure, the
register tables that it is counted from, its key columns, how it is protected, and its titles and
captions. A row of `data/codes/columns.csv` says of a column what kind of number or word it holds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from helpers.edition import CODES, LANGUAGES, BadInput, read_rows
from helpers.schema import TABLES

# key: which row it is. count: how many people (or reports, incidents) there are; size: of things that
# are no people, such as months. inside: what protection needs and never leaves. The others are numbers
# made from counts, or words.
KINDS = ("key", "count", "size", "share", "estimate", "limit", "statistic", "text", "inside")
NUMBERS = ("count", "size", "share", "estimate", "limit", "statistic")
# How a table is made safe to show, with the counts that this needs and the numbers made from them that
# it sees to: any other would leave as exact as it came. None: a curve is made anew at its steps, a model
# hides whatever was estimated, and `published` is what others printed.
SHAPES: dict[str, tuple[tuple[str, ...], tuple[str, ...] | None]] = {
    "published": ((), None),
    "counts": (("n",), ("share", "value")),
    "combinations": (("n",), ()),
    "ratios": (("n_events", "n_known"), ()),
    "rates": (("n",), ("value",)),
    "change": (("n_first", "n_last"), ("value",)),
    "curve": (("n_at_risk", "n_events"), None),
    "model": ((), None),
    "contrasts": (("n_behind",), ("value", "ci_lower", "ci_upper")),
    "tests": (("n_behind",), ("statistic", "degrees_of_freedom", "p_value", "p_adjusted")),
}
# What a product is counted from where these are no register tables of the contract.
CAPTURES, MADE_UP = "captures", "made_up"


@dataclass(frozen=True)
class Column:
    """A column of released tables: its kind, the list that its codes are of ("" for words and
    numbers), and its heading."""

    name: str
    kind: str
    codes: str
    heading: dict[str, str]


@dataclass(frozen=True)
class Product:
    """A released table as `data/codes/products.csv` declares it.

    `tables` are the register tables behind it: none where others printed its numbers, `captures`
    for the lists of multiple systems estimation, `made_up` where no register of anybody is behind
    it. Of those in `either` one is enough; those in `parts` are wanted by the rows alone that their
    codes of the first key name; every row wants each other one. `within` names the columns whose total a share is of, `together` those of what is compared,
    where one hidden side hides the other. `fixed` is the column by which a printed number fixes a
    made-up one. `computed` names columns that nobody printed and this book computed from printed
    numbers. `kinds` are the kinds of columns that hold something else here than elsewhere.
    """

    name: str
    chapter: str
    figure: str
    tables: tuple[str, ...]
    keys: tuple[str, ...]
    shape: str
    within: tuple[str, ...]
    together: tuple[str, ...]
    fixed: str
    computed: tuple[str, ...]
    may_be_empty: bool
    kinds: dict[str, str]
    title: dict[str, str] = field(repr=False)
    caption: dict[str, str] = field(repr=False)
    either: tuple[str, ...] = ()
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def find_kind(self, column: str) -> str:
        """The kind of a column of this table. Raises BadInput where it is not declared."""
        return self.kinds.get(column) or find_column(column, table=self.name).kind

    def find_lacking(self, absent: Collection[str]) -> list[str]:
        """Those of the absent register tables without which it lacks rows."""
        is_enough = not {*self.either} <= {*absent}
        return [name for name in absent if not (is_enough and name in self.either)]

    def list_columns(self, columns: list[str], *kinds: str) -> list[str]:
        """Those of `columns` that are of one of these kinds."""
        return [column for column in columns if self.find_kind(column) in kinds]


def find_product(name: str) -> Product:
    """The declaration of a released table. Raises BadInput for a table that nobody declared."""
    products = read_products()
    if name not in products:
        raise BadInput(
            f"table {name} is not declared; add its row to data/codes/products.csv "
            "(name, chapter, tables, keys, shape, titles and captions)"
        )
    return products[name]


def find_column(name: str, *, table: str) -> Column:
    """The declaration of a column. Raises BadInput for a column that nobody declared."""
    columns = read_columns()
    if name not in columns:
        raise BadInput(
            f"table {table}, column {name}: its kind is not known; add its row to "
            f"data/codes/columns.csv (kind: {', '.join(KINDS)}), or leave the column out"
        )
    return columns[name]


def name_column(name: str, language: str) -> str:
    """The heading of a column."""
    heading = find_column(name, table="shown").heading[language]
    if not heading:
        raise BadInput(f"data/codes/columns.csv, column {name}: give its heading in {language}")
    return heading


@cache
def read_columns() -> dict[str, Column]:
    """Every column of `data/codes/columns.csv`. Raises BadInput for an unknown kind."""
    columns = {}
    for number, row in _read_rows(CODES / "columns.csv"):
        if row["kind"] not in KINDS:
            raise BadInput(
                f"data/codes/columns.csv, row {number}, column kind: {row['kind']!r}; use one of "
                f"{', '.join(KINDS)}"
            )
        heading = {language: row[language] for language in LANGUAGES}
        columns[row["column"]] = Column(row["column"], row["kind"], row["codes"], heading)
    return columns


@cache
def read_products() -> dict[str, Product]:
    """Every released table of `data/codes/products.csv`, in its order.

    Raises BadInput, with row and remedy, for a name that stands twice, an unknown chapter, table,
    column or shape, and for words that are missing in a language.
    """
    products: dict[str, Product] = {}
    for number, row in _read_rows(CODES / "products.csv"):
        try:
            product = _read_product(row)
            _check_product(product, products)
        except (BadInput, ValueError) as error:
            raise BadInput(f"data/codes/products.csv, row {number}: {error}") from None
        products[product.name] = product
    return products


def _read_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    return list(enumerate(read_rows(path), start=2))


def _read_product(row: dict[str, str]) -> Product:
    def split(name: str) -> tuple[str, ...]:
        return tuple(part for part in row[name].split("|") if part)

    def translate(name: str) -> dict[str, str]:
        return {language: row[f"{name}_{language}"] for language in LANGUAGES}

    return Product(
        name=row["name"],
        chapter=row["chapter"],
        figure=row["figure"],
        shape=row["shape"],
        fixed=row["fixed"],
        may_be_empty=row["may_be_empty"] == "yes",
        kinds=dict(map(_pair, split("kinds"))),
        tables=split("tables"),
        keys=split("keys"),
        within=split("within"),
        together=split("together"),
        computed=split("computed"),
        either=split("either"),
        parts={name: tuple(codes.split()) for name, codes in map(_pair, split("parts"))},
        title=translate("title"),
        caption=translate("caption"),
    )


def _pair(words: str) -> tuple[str, str]:
    name, _, said = words.partition("=")
    return name, said


def _check_product(product: Product, others: dict[str, Product]) -> None:
    if product.name in others:
        raise BadInput(f"table {product.name} stands twice; keep one")
    if product.shape not in SHAPES:
        raise BadInput(
            f"table {product.name}: shape {product.shape!r}; use one of {', '.join(SHAPES)}"
        )
    unknown = set(product.tables) - {*TABLES, CAPTURES, MADE_UP}
    if unknown:
        raise BadInput(f"table {product.name}: no register table {', '.join(sorted(unknown))}")
    if bool(product.tables) is (product.shape == "published") and product.tables != (MADE_UP,):
        raise BadInput(
            f"table {product.name}: a shape of counts names the register tables that it is counted "
            "from, and what others printed names none"
        )
    if {*product.either, *product.parts} - {*product.tables} or not all(product.parts.values()):
        raise BadInput(
            f"table {product.name}: either and parts (table=code code) are of the register tables "
            "that it names"
        )
    for column in (*product.keys, *product.within, *product.together, *product.computed):
        find_column(column, table=product.name)
    if not product.keys or set(product.kinds.values()) - set(KINDS):
        raise BadInput(f"table {product.name}: name its keys, and kinds of {', '.join(KINDS)}")
    for name, kind in product.kinds.items():
        is_counted = find_column(name, table=product.name).kind == "count"
        if is_counted and (kind, product.shape) != ("estimate", "model"):
            raise BadInput(
                f"table {product.name}: {name} counts people, and no threshold would see it as "
                f"{kind}; of a model it may be an estimate, nothing else"
            )
    for words in (product.title, product.caption):
        if not all(words.values()):
            raise BadInput(f"table {product.name}: give title and caption in {LANGUAGES}")
