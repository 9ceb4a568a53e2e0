"""A book of a few chapters, so that a test which breaks something waits for those alone.

The chapters are chosen by name and stay as they are. Every page keeps its place and its headings
only, so that links still lead somewhere, whatever the pages say.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from pathlib import Path

import nbformat
import yaml

from helpers.edition import define_edition
from helpers.execute import read_declared
from helpers.translations import FOLDER, Pair, hash_words, list_pairs, read_parts

# Two chapters on published numbers alone, and one that counts from registers too.
FEW = ("10_long_view", "12_signalling", "52_contradictions")
# A heading or the target of a link, and nothing that is filled in from a chapter.
_OUTLINE = re.compile(r"(#{2,6} |\([\w-]+\)=$)(?!.*\{glue)")
_WHOLE = ("bibliography", "glossary")


def shrink(root: Path, chapters: tuple[str, ...]) -> None:
    """Leave only these chapters in the copy of the project at `root`."""
    kept = [root / "notebooks" / f"{name}.ipynb" for name in chapters]
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        if path not in kept:
            path.unlink()
    for path in kept:
        _turn_links(path, chapters)
    for page in sorted((root / "book").glob("*.md")):
        if page.stem not in _WHOLE:
            page.write_text(outline(page.read_text(encoding="utf-8")), encoding="utf-8")
    for pair in list_pairs(notebooks=root / "notebooks", book=root / "book"):
        _follow_english(pair, chapters)
    for path in (root / "notebooks" / FOLDER).glob("*.md"):
        if path.stem not in chapters:
            path.unlink()
    _shorten_contents(root / "_toc.yml", chapters)
    declared = {name for path in kept for name in read_declared(path)}
    for path in sorted((root / "notebooks" / "editions").glob("*.yml")):
        _drop_undeclared(path, declared)
    _drop_products(root / "data" / "codes" / "products.csv", chapters)
    _drop_claims(root / "data" / "claims", chapters)


def outline(page: str) -> str:
    """The title and the headings of a page, with the names that links use; a page without a title
    stays."""
    lines = page.splitlines()
    title = next((line for line in lines if line.startswith("# ")), None)
    if title is None:
        return page
    return "\n\n".join(line for line in lines if line is title or _OUTLINE.match(line)) + "\n"


def _follow_english(pair: Pair, chapters: tuple[str, ...]) -> None:
    """The Dutch of a chapter or page, cut as its English was."""
    written = []
    for name, (_, words) in read_parts(pair.dutch).items():
        if name not in pair.english:
            continue
        lines = words.splitlines()
        if pair.source.suffix == ".ipynb":
            words = _turn(words, chapters)
        elif pair.name not in _WHOLE:
            words = "\n\n".join(
                line for line in lines if re.match(r"# ", line) or _OUTLINE.match(line)
            )
        written.append(f"<!-- nl {name} of {hash_words(pair.english[name])} -->\n{words}")
    if written:
        pair.dutch.write_text("\n\n".join(written) + "\n", encoding="utf-8")


def _turn(words: str, chapters: tuple[str, ...]) -> str:
    """Links to chapters that are not there lead to the front page."""
    return re.sub(
        r"\]\((\w+)\.ipynb(#[\w-]+)?\)",
        lambda link: link[0] if link[1] in chapters else "](../index.md)",
        words,
    )


def _turn_links(path: Path, chapters: tuple[str, ...]) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _turn(cell.source, chapters)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def _shorten_contents(path: Path, chapters: tuple[str, ...]) -> None:
    contents = yaml.safe_load(path.read_text(encoding="utf-8"))
    for part in contents["parts"]:
        part["chapters"] = [
            entry
            for entry in part["chapters"]
            if "/chapters/" not in entry["file"] or entry["file"].rsplit("/", 1)[1] in chapters
        ]
    contents["parts"] = [part for part in contents["parts"] if part["chapters"]]
    path.write_text(yaml.safe_dump(contents, sort_keys=False), encoding="utf-8")


def _drop_undeclared(path: Path, declared: set[str]) -> None:
    """An edition may hold only what some notebook declares."""
    edition = yaml.safe_load(path.read_text(encoding="utf-8"))
    own = define_edition(edition="x", period_start=2000, period_end=2020).parameters
    kept = {name: value for name, value in edition.items() if name in own or name in declared}
    path.write_text(yaml.safe_dump(kept, sort_keys=False), encoding="utf-8")


def _drop_products(path: Path, chapters: tuple[str, ...]) -> None:
    """Released tables of chapters that are not there are declared no longer."""
    if not path.exists():
        return
    _keep_rows(path, "chapter", chapters)


def _drop_claims(folder: Path, chapters: tuple[str, ...]) -> None:
    """The claims of these chapters and their verdicts."""
    kept = [
        row["id"]
        for path in sorted(folder.glob("*.csv"))
        for row in _keep_rows(path, "chapter", chapters)
    ]
    for path in sorted((folder / "verdicts").glob("*.csv")):
        _keep_rows(path, "id", kept)


def _keep_rows(path: Path, column: str, words: Collection[str]) -> list[dict[str, str]]:
    """Leave only the rows of a file whose column holds one of these words; returns them."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        kept = [row for row in reader if row[column] in words]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames or (), lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
    return kept
