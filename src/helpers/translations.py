"""Dutch prose beside the English: paired files whose parts name the English part that they
translate.

`notebooks/nl/NN_topic.md` holds the prose of a chapter by cell, `book/nl/page.md` that of a page by
section. A part begins with `<!-- nl NAME of HASH -->`; HASH is that of the English words, so that a
translation of words that have changed is found.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from helpers.edition import BOOK, NOTEBOOKS, BadInput, read_json, read_text, refuse_file

FOLDER = "nl"
TOP = "top"
# So many plain words in a line make it a sentence that is seen to be English still.
SENTENCE = 3
_MARK = re.compile(r"<!-- nl (\S+) of ([0-9a-f]{12}) -->")
_FENCE = re.compile(r"^(`{3,}|~{3,}|:{3,})")
_CODE = re.compile(r"^(`{3,})(?!\{).*?^\1$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) (.*)$")
_TARGET = re.compile(r"^\([\w-]+\)=$")
# What stands in both languages as it is: roles with what they name, substitutions, addresses of
# links, targets, names of directives and their options, HTML, code, footnotes.
_KEPT = re.compile(
    r"\{[a-z][\w:]*\}`[^`]*`|\{\{ ?\w+ ?\}\}|(?<=\])\([^)\s]+\)|^\([\w-]+\)=$|(?<=[`:~])\{[a-z][\w:-]*\}"
    r"|^:[a-z-]+:.*$|</?[a-z][^>]*>|`[^`\n]+`|\[\^\w+\]",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Pair:
    """An English source and the Dutch file beside it; `english` gives the parts by name."""

    source: Path
    dutch: Path

    @property
    def name(self) -> str:
        return self.source.stem

    @property
    def place(self) -> str:
        return f"{self.dutch.parents[1].name}/{FOLDER}/{self.dutch.name}"

    @cached_property
    def english(self) -> dict[str, str]:
        if self.source.suffix == ".md":
            return split_page(read_text(self.source))
        return split_chapter(self.source)

    def list_faults(self) -> list[str]:
        """What is missing, stale or not the same in the Dutch, one line a fault."""
        return list_faults(self.place, self.english, read_parts(self.dutch))


def list_pairs(
    only: Collection[str] = (), *, notebooks: Path = NOTEBOOKS, book: Path = BOOK
) -> list[Pair]:
    """Every chapter and page with its Dutch file, which need not exist yet; `only` names some.

    Raises BadInput for a name that none has.
    """
    sources = [*sorted(notebooks.glob("[0-9][0-9]_*.ipynb")), *sorted(book.glob("*.md"))]
    pairs = [Pair(path, path.parent / FOLDER / f"{path.stem}.md") for path in sources]
    unknown = set(only) - {pair.name for pair in pairs}
    if unknown:
        raise BadInput(
            f"no chapter or page {', '.join(sorted(unknown))}; there are "
            f"{', '.join(pair.name for pair in pairs)}"
        )
    return [pair for pair in pairs if not only or pair.name in only]


def check_translations(pairs: list[Pair] | None = None) -> None:
    """Raises BadInput, with a line a fault, where Dutch is missing, stale or lacks a number."""
    pairs = list_pairs() if pairs is None else pairs
    faults = [fault for pair in pairs for fault in pair.list_faults()]
    faults += [
        f"{folder.parent.name}/{FOLDER}/{path.name}: no English stands beside it; take it out"
        for folder in {pair.dutch.parent for pair in pairs}
        for path in sorted(folder.glob("*.md"))
        if path not in {pair.dutch for pair in pairs}
    ]
    if faults:
        raise BadInput("the Dutch is not that of the English:\n" + "\n".join(faults))


def translate_chapter(name: str, *, notebooks: Path = NOTEBOOKS) -> dict[str, str]:
    """The Dutch prose of a chapter by cell."""
    parts = read_parts(notebooks / FOLDER / f"{name}.md")
    return {cell: words for cell, (_, words) in parts.items()}


def translate_page(name: str, *, book: Path = BOOK) -> str:
    """The Dutch page, its sections in the order of the English ones."""
    parts = read_parts(book / FOLDER / f"{name}.md")
    english = split_page(read_text(book / f"{name}.md"))
    return "\n\n".join(parts[part][1] for part in english) + "\n"


def hash_words(words: str) -> str:
    """Twelve hexadecimal digits of the English words, blank lines around them left out."""
    return hashlib.sha256(words.strip().encode()).hexdigest()[:12]


def split_chapter(path: Path) -> dict[str, str]:
    """The prose of a notebook by the name of its cell. Raises BadInput for a file that is none."""
    cells = read_json(path, "cells")["cells"]
    try:
        return {
            cell["id"]: "".join(cell["source"]).strip()
            for cell in cells
            if cell["cell_type"] == "markdown"
        }
    except (KeyError, TypeError):
        raise refuse_file(path, "a cell has no id, source or cell_type") from None


def split_page(content: str) -> dict[str, str]:
    """The sections of a page by the words of their heading, each with the link target above it;
    `top` is what stands before the first. Headings in code are none."""
    parts: dict[str, list[str]] = {TOP: []}
    name, fence = TOP, ""
    targets: list[str] = []
    for line in content.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip() == fence:
            fence = ""
        if not fence and _TARGET.match(line):
            targets.append(line)
            continue
        if targets and not line.strip():
            continue
        heading = None if fence else _HEADING.match(line)
        if heading:
            name = _name_part(heading[2], parts)
            parts[name] = []
        parts[name] += [*targets, line]
        targets = []
    return {key: "\n".join(lines).strip() for key, lines in parts.items() if "".join(lines).strip()}


def _name_part(heading: str, taken: Collection[str]) -> str:
    slug = "-".join(re.findall(r"[a-z0-9]+", _KEPT.sub(" ", heading.lower()))) or "part"
    name, number = slug, 2
    while name in taken:
        name, number = f"{slug}-{number}", number + 1
    return name


def read_parts(path: Path) -> dict[str, tuple[str, str]]:
    """The Dutch parts of a file by name: the hash of the English they translate, and their words.

    Raises BadInput for a part that stands twice, and for words or a mark that belong to none.
    """
    pieces = _MARK.split(read_text(path)) if path.exists() else [""]
    parts: dict[str, tuple[str, str]] = {}
    for name, of, words in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        if name in parts:
            raise BadInput(f"{path.name}: the part {name} stands twice; keep one")
        parts[name] = (of, words.strip())
    if pieces[0].strip() or any("<!-- nl" in piece for piece in pieces):
        raise BadInput(
            f"{path.name}: a part begins with <!-- nl NAME of HASH -->, the hash of twelve digits; "
            "something stands outside such parts"
        )
    return parts


def list_faults(
    place: str, english: dict[str, str], dutch: dict[str, tuple[str, str]]
) -> list[str]:
    """What is missing, stale or not the same in the Dutch of `place`, one line a fault with its
    remedy."""
    faults = [
        f"{place}, {name}: the English has no such part any more; take it out"
        for name in dutch
        if name not in english
    ]
    for name, words in english.items():
        of = hash_words(words)
        if name not in dutch or not dutch[name][1]:
            faults.append(f"{place}, {name}: no Dutch; write it below <!-- nl {name} of {of} -->")
        elif dutch[name][0] != of:
            faults.append(
                f"{place}, {name}: the English changed; mend the Dutch, then write "
                f"<!-- nl {name} of {of} -->"
            )
        else:
            faults += [
                f"{place}, {name}: {fault}" for fault in compare_words(words, dutch[name][1])
            ]
    return faults


def compare_words(english: str, dutch: str) -> list[str]:
    """What the one has and the other lacks: glued numbers, links, code, digits, headings; and what
    was left in English."""
    faults = []
    for what, find in (("", _list_kept), ("number ", _list_numbers)):
        one, other = set(find(english)), set(find(dutch))
        faults += [f"the Dutch lacks the {what}{word}" for word in sorted(one - other)]
        faults += [f"the Dutch adds the {what}{word}" for word in sorted(other - one)]
    if _count_levels(english) != _count_levels(dutch):
        faults.append("the headings are not of the same number and levels")
    left = _list_sentences(english) & _list_sentences(dutch)
    return faults + [f"still English: {line[:60]}" for line in sorted(left)]


def _list_kept(words: str) -> list[str]:
    return _KEPT.findall(_CODE.sub("", words))


def _list_numbers(words: str) -> list[str]:
    """The numbers of a text without their marks of thousands and decimals, which differ."""
    plain = _KEPT.sub(" ", words)
    return [re.sub(r"\D", "", number) for number in re.findall(r"\d(?:[\d.,]*\d)?", plain)]


def _count_levels(words: str) -> Counter[str]:
    lines = _CODE.sub("", words).splitlines()
    return Counter(found[1] for found in map(_HEADING.match, lines) if found)


def _list_sentences(words: str) -> set[str]:
    lines = _CODE.sub("", words).splitlines()
    return {
        line.strip()
        for line in lines
        if len(re.findall(r"[^\W\d_]{2,}", _KEPT.sub(" ", line))) >= SENTENCE
    }


def write_skeletons(pair: Pair) -> int:
    """Write the Dutch file anew in the order of the English, and return how many parts it lacked.

    A part that is missing gets the English words, to be put into Dutch in their place; one whose
    English has another name now keeps its Dutch. What belongs to no English stays at the end.
    """
    old = read_parts(pair.dutch)
    by_hash = {of: name for name, (of, _) in old.items()}
    wanted = {hash_words(words) for words in pair.english.values()}
    missing, written, used = 0, {}, set()
    for name, words in pair.english.items():
        of = hash_words(words)
        is_stale = name in old and old[name][0] not in wanted
        found = name if is_stale or old.get(name, ("",))[0] == of else ""
        found = found if old.get(found, ("",))[0] == of else by_hash.get(of, found)
        missing += not found
        used.add(found)
        written[name] = old[found] if found else (of, words)
    written |= {f"{name}-left": part for name, part in old.items() if name not in used}
    content = "\n\n".join(
        f"<!-- nl {name} of {of} -->\n{words}" for name, (of, words) in written.items()
    )
    pair.dutch.parent.mkdir(parents=True, exist_ok=True)
    pair.dutch.write_text(content + "\n", encoding="utf-8", newline="\n")
    return missing
