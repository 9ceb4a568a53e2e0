"""What the search puts first: `_static/search.js` itself, run by Node on a page that is none."""

import json
import shutil
import subprocess

import pytest

from helpers.edition import BOOK, LANGUAGES, NOTEBOOKS, ROOT, read_rows
from helpers.site.search import WORDS, add_words

# The least of a page that the script touches; it searches as soon as it is read.
_PAGE = """
const make = () => ({ children: [], appendChild(one) { this.children.push(one); return one; },
  replaceChildren() { this.children = []; }, addEventListener() {} });
const parts = {};
globalThis.window = { SEARCH_DATA: { sections: JSON.parse(process.argv[2]), words: { found: "{n}", none: "" } } };
globalThis.location = { search: "?q=" + encodeURIComponent(process.argv[3]) };
globalThis.document = { getElementById: (id) => (parts[id] ??= make()), createElement: make,
  addEventListener: (_, start) => start() };
require(process.argv[1]);
console.log(JSON.stringify(parts["search-list"].children.map((item) => item.children[0].href)));
"""
# [page, anchor, title, heading, rank, text], as `list_sections` makes them.
SECTIONS = [
    ["book/chapters/a.html", "care", "Aid", "Specialist mental care", 1, "Specialist mental care."],
    ["book/chapters/b.html", "who", "Who is seen", "Who they are", 1, "Who they are: men, 18%."],
    ["book/chapters/50_c.html", "c", "Made up", "Registered again, men", -4, "Registered again."],
    ["book/d.html", "d", "Recommendations", "Recommendations", 0, "What is recommended."],
    ["book/chapters/e.html", "e", "Return", "No recommendations", 1, "No recommendations of 2013."],
    ["book/limitations.html", "top", "What not", "What not", 0, "What not."],
    ["book/limitations.html", "help", "What not", "If you are exploited", 0, "Who helps."],
    ["book/chapters/g.html", "g", "Sight", "Phone numbers", 1, "Phone numbers of 40 clients."],
]
NAMES = [
    {"page": "limitations", "anchor": "help", "words_en": "helpline phone number help needed"},
]


def search(words: str) -> list[str]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    script = ROOT / "_static" / "search.js"
    named = json.dumps(add_words(SECTIONS, "en", NAMES))
    command = [node, "-e", _PAGE, "--", str(script), named, words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("men", "book/chapters/b.html#who", "book/chapters/a.html#care"),
        ("registered again", "book/chapters/50_c.html#c", "book/chapters/50_c.html#c"),
        ("recommendations", "book/d.html#d", "book/chapters/e.html#e"),
        ("phone number", "book/limitations.html#help", "book/chapters/g.html#g"),
        ("help needed", "book/limitations.html#help", "book/limitations.html#help"),
        ("helpline", "book/limitations.html#help", "book/limitations.html#help"),
    ],
)
def test_a_whole_word_comes_first_and_help_is_found_by_the_words_of_who_needs_it(
    words, first, last
):
    found = search(words)
    assert (found[0], found[-1]) == (first, last)


def test_what_is_behind_the_numbers_comes_after_a_subject():
    """Though it has the word in its heading, and the subject in its text alone."""
    assert search("men")[:2] == ["book/chapters/b.html#who", "book/chapters/50_c.html#c"]


def find_nowhere(rows: list[dict[str, str]]) -> list[str]:
    """The parts of these rows that no page or chapter has, by the target written before them."""
    lost = []
    for row in rows:
        page = BOOK / f"{row['page']}.md"
        if row["page"].startswith("chapters/"):
            page = NOTEBOOKS / f"{row['page'].removeprefix('chapters/')}.ipynb"
        words = page.read_text(encoding="utf-8") if page.exists() else ""
        if not words or (row["anchor"] and f"({row['anchor']})=" not in words):
            lost.append(f"{row['page']}#{row['anchor']}")
    return lost


def test_words_of_readers_name_parts_that_there_are():
    assert find_nowhere(read_rows(WORDS)) == []
    bad = [{"page": "limitations", "anchor": "gone"}, {"page": "no_page", "anchor": ""}]
    assert find_nowhere(bad) == ["limitations#gone", "no_page#"]
    assert add_words(SECTIONS, "en", [NAMES[0] | {"page": "not_in_this_book"}]) == SECTIONS


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("en", {"helpline", "hotline", "help", "phone", "number", "danger"}),
        ("nl", {"hulplijn", "telefoonnummer", "hulp", "nodig", "gevaar"}),
    ],
)
def test_help_lines_are_asked_for_in_these_words(language, asked):
    rows = {(row["page"], row["anchor"]): row for row in read_rows(WORDS)}
    assert asked <= set(rows["limitations", "help"][f"words_{language}"].split())
    assert all(row[f"words_{each}"] for row in rows.values() for each in LANGUAGES)
