"""Dutch prose beside the English: paired files whose parts name the English part that they translate.

`notebooks/nl/NN_topic.md` holds the prose of a chapter by cell, `book/nl/page.md` that of a page by
section. A part begins with `<!-- nl NAME of HASH -->`; HASH is that of the English words, so that a
translation of words that have changed is found.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

from helpers.edition import BadInput

TOP = "top"
_MARK = re.compile(r"<!-- nl (\S+) of ([0-9a-f]{12}) -->")
_FENCE = re.compile(r"^(`{3,}|~{3,}|:{3,})")
_HEADING = re.compile(r"^(#{1,6}) (.*)$")
# What a sentence must have in both languages: glued numbers, citations, links, substitutions.
_KEPT = re.compile(
    r"\{(?:glue:text|cite\w*(?::\w+)?|numref|eq|ref|doc)\}`[^`]*`|\{\{ ?\w+ ?\}\}|\]\([^)]*\)"
)


def hash_words(words: str) -> str:
    """Twelve hexadecimal digits of the English words, blank lines around them left out."""
    return hashlib.sha256(words.strip().encode()).hexdigest()[:12]


def split_page(content: str) -> dict[str, str]:
    """The sections of a page by the slug of their heading, each with its heading and the link target
    that stands above it; `top` is what stands before the first. Headings in code are none."""
    parts: dict[str, list[str]] = {TOP: []}
    name, fence = TOP, ""
    for line in content.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip() == fence:
            fence = ""
        heading = None if fence else _HEADING.match(line)
        if heading:
            name = _name_part(heading[2], parts)
            parts[name] = []
        parts[name].append(line)
    return {key: "\n".join(lines).strip() for key, lines in parts.items() if "".join(lines).strip()}


def _name_part(heading: str, taken: dict[str, list[str]]) -> str:
    plain = re.sub(r"\{[^}]*\}`[^`]*`|\{\{.*?\}\}", " ", heading.lower())
    slug = "-".join(re.findall(r"[a-z0-9]+", plain)) or "part"
    name, number = slug, 2
    while name in taken:
        name, number = f"{slug}-{number}", number + 1
    return name


def read_parts(path: Path) -> dict[str, tuple[str, str]]:
    """The Dutch parts of a file by name: the hash of the English they translate, and their words.

    Raises BadInput for a part that stands twice.
    """
    pieces = _MARK.split(path.read_text(encoding="utf-8")) if path.exists() else [""]
    parts: dict[str, tuple[str, str]] = {}
    for name, of, words in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        if name in parts:
            raise BadInput(f"{path.name}: the part {name} stands twice; keep one")
        parts[name] = (of, words.strip())
    return parts


def list_faults(
    place: str, english: dict[str, str], dutch: dict[str, tuple[str, str]]
) -> list[str]:
    """What is missing, stale or not the same in the Dutch of `place`, one line a fault with its
    remedy."""
    faults = [
        f"{place}, {name}: the English has no such part any more; take it out"
        for name in dutch.keys() - english.keys()
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
    """What the one has and the other lacks: glued numbers, links, citations, digits, headings."""
    faults = []
    for what, find in (("reference", _KEPT.findall), ("number", _list_numbers)):
        one, other = set(find(english)), set(find(dutch))
        faults += [f"the Dutch lacks the {what} {word}" for word in sorted(one - other)]
        faults += [f"the Dutch adds the {what} {word}" for word in sorted(other - one)]
    if _list_levels(english) != _list_levels(dutch):
        faults.append("the headings are not of the same number and levels")
    return faults


def _list_numbers(words: str) -> list[str]:
    """The numbers of a text without their marks of thousands and decimals, which differ."""
    plain = _KEPT.sub(" ", words)
    return [re.sub(r"\D", "", number) for number in re.findall(r"\d(?:[\d.,]*\d)?", plain)]


def _list_levels(words: str) -> Counter[str]:
    return Counter(found[1] for found in map(_HEADING.match, words.splitlines()) if found)
