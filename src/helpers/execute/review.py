"""What a reviewer asks of a checkout: is what is committed what the code makes, and are its words
those that were read.

`data/reviewed.csv` is the record of what was read: a checksum of each file with sentences, claims
and parameters, and where the marks of each picture lie. `monitor review --accept` writes it.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pandas as pd
from nbformat import NotebookNode

from helpers.edition import BUNDLES, DATA, EDITIONS, NOTEBOOKS, ROOT, BadInput, Edition, read_rows
from helpers.execute.copies import list_outputs
from helpers.execute.parameters import PARAMETERS_TAG, list_notebooks, read_notebook
from helpers.execute.pictures import hash_picture, is_same_picture
from helpers.products import find_product
from helpers.published.files import hash_file
from helpers.release import check_bundle
from helpers.translations import FOLDER

REVIEWED = DATA / "reviewed.csv"
COLUMNS = ("kind", "name", "value")
PICTURE, WORDS = "picture", "words"
# Iterative fits are compared within a unit of their last digit; all else as it is written.
_FITTED = ("estimate", "limit", "statistic")
_SVG = "image/svg+xml"


@dataclass
class Review:
    """What was checked, a line each, and what differs."""

    checked: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def add(self, what: str, found: list[str]) -> None:
        self.checked.append(f"{what}: {len(found) or 'no'} differences")
        self.differences += found

    def write(self) -> str:
        """The page: what was checked, then what differs."""
        lines = ["What was checked", *(f"  {line}" for line in self.checked)]
        lines += ["What differs", *(f"  {line}" for line in self.differences or ["nothing"])]
        return "\n".join(lines)


def choose_chapter(seed: int | None = None) -> str:
    """A chapter at random: nobody knows before which one is executed from scratch."""
    return random.Random(seed).choice([path.stem for path in list_notebooks()])


def review_checkout(edition: Edition, made: Path, chapters: list[Path], chosen: str) -> Review:
    """Compare what a run made with what is committed, and the committed words and pictures with the
    record of what was read."""
    review = Review()
    review.add(f"{chosen} executed from scratch, and the others", compare_notebooks(chapters))
    committed = BUNDLES / edition.edition
    review.add("released tables, cell by cell", compare_tables(made, committed))
    now = {**list_words(), **list_pictures(chapters)}
    review.add("words, claims, parameters and pictures as they were read", compare_reviewed(now))
    return review


# Notebooks


def compare_notebooks(chapters: list[Path]) -> list[str]:
    """The cells whose committed outputs are not those of the run."""
    found = []
    for chapter in chapters:
        source = read_notebook(NOTEBOOKS / chapter.name)
        wanted = list_outputs(nbformat.read(chapter, as_version=4), source)
        cells = [cell for cell in source.cells if cell.cell_type == "code"]
        for place, (cell, outputs) in enumerate(zip(cells, wanted, strict=True), start=1):
            if cell.outputs != outputs:
                found.append(f"notebooks/{chapter.name}, code cell {place}: other outputs")
    return found


# Tables


def compare_tables(made: Path, committed: Path) -> list[str]:
    """The cells that differ, by table, row and column. A bundle that is not whole is named."""
    try:
        names = sorted(check_bundle(made).keys() | check_bundle(committed).keys())
    except BadInput as error:
        return [str(error)]
    return [line for name in names for line in _compare_table(name, made, committed)]


def _compare_table(name: str, made: Path, committed: Path) -> Iterator[str]:
    paths = [folder / f"{name}.csv" for folder in (made, committed)]
    if not all(path.exists() for path in paths):
        yield f"{name}: in one of the bundles only"
        return
    new, old = (
        pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8") for path in paths
    )
    if list(new.columns) != list(old.columns) or len(new) != len(old):
        yield f"{name}: other rows or columns"
        return
    product = find_product(name)
    fitted = product.list_columns(list(new.columns), *_FITTED)
    for column in new.columns:
        for row, (one, other) in enumerate(zip(new[column], old[column], strict=True), start=2):
            if one != other and not (column in fitted and _is_near(one, other)):
                yield f"{name}, row {row}, column {column}: committed otherwise than it is made"


def _is_near(one: str, other: str) -> bool:
    """Two numbers that differ by a unit of the last digit that both print."""
    try:
        digits = min(len(word.partition(".")[2]) for word in (one, other))
        return abs(float(one) - float(other)) <= 10.0**-digits * (1 + 1e-9)
    except ValueError:
        return False


# Words and pictures


def list_words() -> dict[tuple[str, str], str]:
    """A checksum of each file with sentences, claims or parameters, and of the parameters cell of
    each notebook."""
    files = [
        *sorted((DATA / "codes").glob("*.csv")),
        *sorted((DATA / "claims").glob("*.csv")),
        *sorted(EDITIONS.glob("*.yml")),
        *sorted((ROOT / "book").glob("*.md")),
        *sorted((ROOT / "book" / FOLDER).glob("*.md")),
        *sorted((NOTEBOOKS / FOLDER).glob("*.md")),
    ]
    found = {(WORDS, path.relative_to(ROOT).as_posix()): hash_file(path) for path in files}
    return found | {
        (WORDS, f"notebooks/{path.name}"): _hash_cells(read_notebook(path))
        for path in list_notebooks()
    }


def _hash_cells(notebook: NotebookNode) -> str:
    """Of the text and the parameters; code is compared by what it gives."""
    digest = hashlib.sha256()
    for cell in notebook.cells:
        if cell.cell_type == "markdown" or PARAMETERS_TAG in cell.metadata.get("tags", []):
            digest.update(cell.source.encode())
    return digest.hexdigest()


def list_pictures(chapters: list[Path]) -> dict[tuple[str, str], str]:
    """Where the marks of each picture of the executed chapters lie, by chapter and figure."""
    found = {}
    for path in chapters:
        for cell in nbformat.read(path, as_version=4).cells:
            name = cell.metadata.get("mystnb", {}).get("figure", {}).get("name", cell["id"])
            for output in cell.get("outputs", []):
                if _SVG in output.get("data", {}):
                    found[PICTURE, f"{path.stem}/{name}"] = hash_picture(output.data[_SVG])
    return found


def compare_reviewed(now: dict[tuple[str, str], str], path: Path = REVIEWED) -> list[str]:
    """What is not as it was when somebody last accepted it."""
    before = read_reviewed(path)
    same: dict[str, Callable[[str, str], bool]] = {PICTURE: is_same_picture}
    lines = [f"{kind} {name}: gone since it was accepted" for kind, name in before.keys() - now]
    lines += [f"{kind} {name}: never accepted" for kind, name in now.keys() - before.keys()]
    lines += [
        f"{kind} {name}: another than was accepted"
        for kind, name in before.keys() & now.keys()
        if before[kind, name] != now[kind, name]
        and not same.get(kind, str.__eq__)(before[kind, name], now[kind, name])
    ]
    return sorted(lines)


def read_reviewed(path: Path = REVIEWED) -> dict[tuple[str, str], str]:
    if not path.exists():
        return {}
    return {(row["kind"], row["name"]): row["value"] for row in read_rows(path)}


def write_reviewed(now: dict[tuple[str, str], str], path: Path = REVIEWED) -> None:
    """Keep what is there now as read and accepted."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*key, now[key]] for key in sorted(now))
