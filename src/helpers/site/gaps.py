"""Sentences that have no number in this edition: they are not shown, and the page says so."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, NavigableString, PageElement, Tag

from helpers.labels import format_list, text
from helpers.site.soups import list_tags
from helpers.wording import mark_names

# What stands in place of a number that is not there.
ABSENT = ("none_counted", "not_printed_here", "no_number")
_BLOCKS = ("p", "li", "dd")
# A table with rows, or a picture; a figure without one holds a sentence on why.
_SHOWN = ".released-table, figure[data-provenance]"
# In pages a sentence stands on a line of its own, but for short ones.
_ENDS = re.compile(r"(?<=\n)|(?<=[.!?] )(?=[A-Z])")


def say_gaps(article: Tag, language: str) -> None:
    """Put a sentence on what is missing in place of each that would have words where its numbers
    stand; one is enough for a block."""
    absent = {text(code, language) for code in ABSENT}
    spans = [
        one for one in list_tags(article, classed="pasted-text") if one.get_text().strip() in absent
    ]
    blocks: list[Tag] = []
    for span in spans:
        block = span.find_parent([*_BLOCKS, "td", "th"])
        if block is not None and block.name in _BLOCKS and not any(block is one for one in blocks):
            blocks.append(block)
    for block in blocks:
        _write_anew(block, [one for one in spans if block in one.parents], language)


def _write_anew(block: Tag, spans: list[Tag], language: str) -> None:
    sentences = _split(block)
    block.clear()
    is_said = False
    for sentence in sentences:
        held = [part for part in sentence if isinstance(part, Tag)]
        if not any(span is part or part in span.parents for span in spans for part in held):
            block.extend(sentence)
        elif not is_said:
            block.append(NavigableString(text("sentence_left_out", language) + "\n"))
            is_said = True


def _split(block: Tag) -> list[list[PageElement]]:
    """What the block holds, by sentence; a list within it is a part of its own."""
    sentences: list[list[PageElement]] = [[]]
    for part in list(block.contents):
        if not isinstance(part, NavigableString):
            own = isinstance(part, Tag) and part.name in ("ul", "ol", "p")
            sentences += [[part], []] if own else []
            if not own:
                sentences[-1].append(part)
            continue
        first, *rest = _ENDS.split(str(part))
        sentences[-1].append(NavigableString(first))
        sentences += [[NavigableString(words)] for words in rest]
    return [sentence for sentence in sentences if sentence]


def mark_tables(article: Tag) -> None:
    """The register tables that a glued sentence names, as code; what is glued is plain text."""
    for span in article.select(".pasted-text"):
        words = span.get_text()
        if "`" in words:
            span.clear()
            span.append(BeautifulSoup(mark_names(words), "html.parser"))


def leave_out_open(article: Tag, language: str) -> None:
    """Take what does not hold in this edition, or cannot be decided, from the first list of a page: it
    says what was found."""
    listed = article.find("ul")
    begins = (
        text("claim_open", language, topic="|", reason="").partition("|")[0],
        text("claim_does_not_hold", language, period="|", words="").partition("|")[0],
    )
    for one in listed.find_all("li") if listed else []:
        if one.get_text().strip().startswith(begins):
            one.decompose()


def join_open(article: Tag, language: str) -> None:
    """What a list or a paragraph says of several findings that cannot be decided for one reason,
    said once."""
    told = re.escape(text("claim_open", language, topic="@", reason="#"))
    pattern = re.compile(told.replace("@", "(.+)", 1).replace(re.escape("#"), "(.+)", 1))
    alike: dict[tuple[int, str], list[tuple[str, Tag]]] = {}
    for span in list_tags(article, classed="pasted-text"):
        whole = span.find_parent("li") or span
        if found := pattern.fullmatch(" ".join(whole.get_text().split())):
            alike.setdefault((id(whole.parent), found[2]), []).append((found[1], whole))
    for (_, reason), said in alike.items():
        if len(said) > 1:
            topics = format_list(list(dict.fromkeys(topic for topic, _ in said)), language)
            said[0][1].string = text("claims_open", language, topics=topics, reason=reason)
            for _, whole in said[1:]:
                whole.decompose()


def fold_absent(article: Tag, language: str, soup: BeautifulSoup) -> None:
    """Fold the part on registers where none of its tables has a row: its first paragraph says why,
    and methods without a number are for whoever asks."""
    title = text("part_register", language)
    for heading in article.find_all(["h2", "h3"]):
        part = heading.parent
        if not heading.get_text().startswith(title) or part is None:
            continue
        if not list_tags(part, classed="released") or part.select_one(_SHOWN):
            continue
        lead = part.find("p", recursive=False)
        rest = list(lead.find_next_siblings()) if lead else []
        if lead and rest:
            folded = soup.new_tag("details", attrs={"class": "further absent-part"})
            summary = soup.new_tag("summary")
            summary.string = text("part_absent", language)
            lead.insert_after(folded)
            folded.extend([summary, *rest])
