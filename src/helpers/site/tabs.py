"""Each figure as one block: a heading, the picture, its table, its data with how to cite it, and
its code. A script makes tabs of them; without one they stand below each other, unfolded."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import AttributeValueList

from helpers.edition import Edition, read_yaml
from helpers.labels import format_date, text, translate
from helpers.products import read_products
from helpers.site.soups import list_tags
from helpers.wording import MADE_UP

PICTURES = "pictures"
MADE_UP_PART = ".made-up"


@dataclass(frozen=True)
class Citation:
    """What a figure's citation says of the book: its title, edition, day and address ("" where it
    is not known)."""

    title: str
    edition: str
    day: str
    address: str


def read_citation(path: Path, edition: Edition, address: str) -> Citation:
    """The citation of the book in CITATION.cff, for the figures of one edition."""
    record = read_yaml(path)
    day = format_date(str(record["date-released"]), edition.language)
    title = translate(str(record["title"]), edition.language)
    return Citation(title, edition.edition, day, address)


def keep_drawing(figure: Tag, drawing: str, site: Path) -> None:
    """Write the figure's drawing as a file of its own; a made-up one says so in its name."""
    marks = set(str(figure.get("data-provenance", "")).split())
    name = f"{figure['id']}{MADE_UP_PART if marks & set(MADE_UP) else ''}.svg"
    (site / PICTURES).mkdir(exist_ok=True)
    (site / PICTURES / name).write_text(drawing, encoding="utf-8", newline="\n")
    figure["data-file"] = name


def make_tabs(
    article: Tag, language: str, *, page: str, lead: str, citation: Citation, soup: BeautifulSoup
) -> None:
    """Put each figure, its table, data and code into one block. `page` is the page's address in the
    site and `lead` what leads from it to the site's own folder."""
    titles = {product.name: product.title[language] for product in read_products().values()}
    for figure in list_tags(article, "figure", attribute="data-file"):
        cell = figure.find_parent("div", class_="cell")
        if cell is None:
            continue
        block = soup.new_tag("div", attrs={"class": "figure-block"})
        cell.insert_before(block)
        title = titles.get(str(figure.get("data-table", "")), "")
        _head_figure(block, figure, title, soup)
        table_cell = _find_table_cell(cell, language)
        cells = [part for part in (cell, table_cell) if part is not None]
        released = table_cell.select_one(".released") if table_cell is not None else None
        links = released.select_one(".released-link") if released is not None else None
        if links is not None:
            links.extract()
        data = _write_data(figure, links, language, page, lead, citation)
        codes = [
            code.extract() for part in cells for code in list_tags(part, "details", classed="hide")
        ]
        figure.extract()
        for kind, parts in (
            ("figure", [figure]),
            ("table", [released.extract()] if released is not None else []),
            ("data", [data]),
            ("code", codes),
        ):
            _add_panel(block, kind, parts, language, soup)
        for part in cells:
            part.decompose()


def lift_lead(article: Tag, soup: BeautifulSoup) -> None:
    """Put the first figure right below the question and the key numbers, under the heading of the
    section that it came from: what was found. A made-up one stays where it is."""
    first = article.find("section")
    block = article.select_one(".figure-block")
    if not isinstance(first, Tag) or block is None or block.find_parent(class_="made-up-part"):
        return
    own = block.find_parent("section")
    before = first.find(["ul", "p"], recursive=False)
    numbers = first.find("ul", recursive=False)
    place = numbers if isinstance(numbers, Tag) else before
    if not isinstance(place, Tag) or own is None or own is first:
        return
    heading = own.find(["h2", "h3", "h4"])
    title = block.select_one(".figure-title")
    block["class"] = AttributeValueList([*block.get_attribute_list("class"), "lead-figure"])
    place.insert_after(block.extract())
    if isinstance(heading, Tag):
        lead = soup.new_tag("p", attrs={"class": "lead-title"})
        words = copy.copy(heading)
        for link in words.select(".headerlink"):
            link.decompose()
        lead.string = " ".join(words.get_text().split())
        if title is not None:
            title.decompose()
        block.insert(0, lead)


def _head_figure(block: Tag, figure: Tag, title: str, soup: BeautifulSoup) -> None:
    """A heading of its own, where the section's is of a part or of several figures."""
    section = block.find_parent("section")
    own = section.find(["h1", "h2", "h3", "h4"]) if section is not None else None
    level = int(own.name[1]) if isinstance(own, Tag) else 2
    if not title or section is None or (level > 2 and len(list_tags(section, "figure")) == 1):
        return
    heading = soup.new_tag(
        f"h{min(level + 1, 4)}", attrs={"class": "figure-title", "id": f"about-{figure['id']}"}
    )
    heading.string = title
    block.append(heading)


def _find_table_cell(cell: Tag, language: str) -> Tag | None:
    """The cell right below a figure's that shows the same numbers."""
    following = cell.find_next_sibling()
    if not isinstance(following, Tag) or "cell" not in following.get_attribute_list("class"):
        return None
    tables = list_tags(following, classed="released")
    caption = following.select_one("caption .caption-text")
    if len(tables) != 1 or caption is None:
        return None
    return following if text("numbers_of_figure", language) in caption.get_text() else None


def _write_data(
    figure: Tag, links: Tag | None, language: str, page: str, lead: str, citation: Citation
) -> Tag:
    """The files of a figure, and how it is cited."""
    name = str(figure["data-file"])
    number = figure.select_one(".caption-number")
    words = figure.select_one(".caption-text")
    said = " ".join(words.get_text(" ").split()) if words is not None else ""
    cited = text(
        "cite_figure",
        language,
        title=citation.title,
        edition=citation.edition,
        date=citation.day,
        number=number.get_text().strip() if number is not None else "",
        caption=said.split(". ")[0].rstrip("."),
        address=f"{citation.address}{page}#{figure['id']}",
    )
    made = BeautifulSoup("<div></div>", "html.parser")
    data = made.div
    assert data is not None
    if links is not None:
        data.append(links)
    picture = made.new_tag("p", attrs={"class": "released-link"})
    link = made.new_tag("a", href=f"{lead}{PICTURES}/{name}", attrs={"download": name})
    link.string = text("download_picture", language, name=name)
    picture.append(link)
    cite = made.new_tag("p", attrs={"class": "cite"})
    head = made.new_tag("strong")
    head.string = text("how_to_cite", language)
    cite.extend([head, f" {cited}"])
    data.extend([picture, cite])
    return data


def _add_panel(block: Tag, kind: str, parts: list[Tag], language: str, soup: BeautifulSoup) -> None:
    if not parts:
        return
    panel = soup.new_tag(
        "div",
        attrs={
            "class": f"tab-panel tab-{kind} cell_output",
            "data-tab": kind,
            "data-title": text(f"tab_{kind}", language),
        },
    )
    for part in parts:
        if part.name == "details":
            part["open"] = ""
    panel.extend(parts)
    block.append(panel)
