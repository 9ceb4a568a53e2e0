"""The site: what is wrong is listed, and the last site stays until the new one is whole."""

import pytest

from helpers.execute import restore_folder, swap_folder
from helpers.site import check_site, explain_marks, mend_labels

PAGE = "<html><body><article><h1>Victims</h1>{}</article></body></html>"


@pytest.fixture
def built(tmp_path):
    folder = tmp_path / "html"
    (folder / "book").mkdir(parents=True)
    (folder / "picture.svg").write_text("<svg/>")
    (folder / "index.html").write_text(PAGE.format('<a href="book/page.html">page</a>'))
    (folder / "book" / "page.html").write_text(
        PAGE.format(
            '<img src="../picture.svg" alt="Fewer victims."><a href="../index.html#top">up</a>'
        )
    )
    return folder


def test_a_whole_site_has_no_faults(built):
    assert check_site(built) == []


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            '<script src="https://cdn.example.org/x.js"></script>',
            "asks https://cdn.example.org/x.js of another host",
        ),
        (
            '<link rel="stylesheet" href="//fonts.example.org/a.css">',
            "asks //fonts.example.org/a.css of another host",
        ),
        (
            '<img src="https://example.org/a.png" alt="A map.">',
            "asks https://example.org/a.png of another host",
        ),
        ('<a href="../tables/none.csv">table</a>', "link ../tables/none.csv leads nowhere"),
        ('<img src="../picture.svg">', "has no alt text"),
        ('<img src="../picture.svg" alt="../picture.svg">', "has no alt text"),
        ("In 2020 {glue:text}`x` victims", "a glue role was not read"),
        ("In {{ period_end }} victims", "a substitution was not filled in"),
        ("The mean is nan days", "a missing number is printed"),
        ("It is np.float64(3.0)", "a raw number type is printed"),
    ],
)
def test_each_fault_is_found(built, content, fault):
    (built / "book" / "page.html").write_text(PAGE.format(content))
    assert any(fault in line and line.startswith("book/page.html") for line in check_site(built))


def test_links_to_other_hosts_are_links_and_code_may_hold_braces(built):
    (built / "book" / "page.html").write_text(
        PAGE.format('<a href="https://example.org">source</a><pre>{{ x }}</pre><code>nan</code>')
    )
    assert check_site(built) == []


def test_a_missing_front_page_is_found(built):
    (built / "index.html").unlink()
    assert "index.html is missing" in check_site(built)


def test_a_mark_explains_itself_in_text_and_not_in_attributes():
    page = (
        '<html><head><title>984ᵖ</title></head><body><p title="984ᵖ">984ᵖ, 45%ᵖ</p></body></html>'
    )
    finished = explain_marks(page, "en", legend="../index.html#how-to-read-the-marks")
    assert (
        finished.count('<a class="number-mark" href="../index.html#how-to-read-the-marks"') == 2
        and 'title="984ᵖ"' in finished
        and "<title>984ᵖ</title>" in finished
    )
    assert "published, printed in the source named" in finished


def test_a_button_is_named_as_it_reads():
    page = '<button class="btn search-button-field" title="Search" aria-label="Search" data-x="1">Search Ctrl K</button>'
    assert "aria-label" not in mend_labels(page)


def test_the_new_site_replaces_the_old_one_whole(tmp_path):
    new, target = tmp_path / "new", tmp_path / "html"
    for folder, words in ((new, "new"), (target, "old")):
        folder.mkdir()
        (folder / "index.html").write_text(words)
    (target / "stale.html").write_text("old")
    swap_folder(new, target)
    assert (target / "index.html").read_text() == "new" and not (target / "stale.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["html"]


def test_a_swap_that_fails_puts_the_old_site_back(tmp_path):
    target = tmp_path / "html"
    target.mkdir()
    (target / "index.html").write_text("old")
    with pytest.raises(OSError):
        swap_folder(tmp_path / "nowhere", target)
    assert (target / "index.html").read_text() == "old"


def test_a_swap_that_was_killed_half_way_is_taken_back(tmp_path):
    """The old site had been put aside, and nothing yet in its place."""
    retired, target = tmp_path / ".html-retired", tmp_path / "html"
    retired.mkdir()
    (retired / "index.html").write_text("old")
    assert not restore_folder(target).exists()
    assert (target / "index.html").read_text() == "old"
    retired.mkdir()  # the new one was in place, and the old one not yet removed
    restore_folder(target)
    assert (target / "index.html").read_text() == "old" and not retired.exists()
