"""The leak scan: one planted leak a kind, each found by kind and never told by value."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
import zlib
from pathlib import Path

import pytest
from extracts import write_clean
from unit.test_disclosure import LEAKS
from unit.test_knowledge import BY_PRINT

from helpers.cli import main
from helpers.disclosure import DisclosureError
from helpers.edition import BUNDLES
from helpers.release import leaks
from helpers.release.leaks import Private, list_printed, list_private, scan_folder

PRIVATE = Private(
    words=frozenset({b"/home/analyst/project", b"rin-server-07", b"j.devries"}),
    identifiers=frozenset({b"RIN00412345", b"999990019", b"NL-2041"}),
    days=frozenset({b"2003-04-17", b"2018-01-30"}),
)


def zip_up(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<c>" + content * 50 + b"</c>")
    return stream.getvalue()


PLANTED = {
    "a path in a page": ("page.html", b"<p>/home/analyst/project/x</p>", "path, host"),
    "a path in a script": ("_static/a.js", b"//# sourceMappingURL=/home/analyst/project", "path"),
    "a host in a footer": ("page.html", b"built on rin-server-07", "path, host"),
    "a user in a workbook": ("t.xlsx", zip_up(b"<creator>j.devries</creator>"), "path, host"),
    "a user in a picture's metadata": ("p.png", b"\x89PNG\r\ntEXtAuthor\0j.devries", "path, host"),
    "a stack trace": ("page.html", b"Traceback (most recent call last):", "stack trace"),
    "a library's path": ("log.txt", b'File "lib/site-packages/pandas/x.py"', "stack trace"),
    "times in a notebook": ("a.ipynb", b'{"iopub.status.busy": "2026-01-01"}', "in a notebook"),
    "papermill in a notebook": ("a.ipynb", b'{"papermill": {"start_time": 1}}', "in a notebook"),
    "an identifier in a page": ("page.html", b"<td>RIN00412345</td>", "identifier"),
    "an identifier in a table": ("t.csv", b"n,source\n5,999990019\n", "identifier"),
    "an identifier in the search index": ("s.json", b'{"docs":["RIN00412345"]}', "identifier"),
    "an identifier in a data attribute": ("p.svg", b'<path data-p="RIN00412345"/>', "identifier"),
    "an identifier in a workbook": ("t.xlsx", zip_up(b"RIN00412345 "), "identifier"),
    "an identifier in a file's name": ("RIN00412345.csv", b"n\n5\n", "identifier"),
    "an identifier in a comment": ("page.html", b"<!-- RIN00412345 -->", "identifier"),
    "a birth date in a table": ("t.csv", b"born\n2003-04-17\n", "day of the registers"),
    "a day in a comment of a table": ("t.csv", b"# until 2018-01-30\nn\n5\n", "day of the"),
    "a day in a picture": ("p.svg", b"<text>2003-04-17</text>", "day of the registers"),
    "a number in a comment": ("page.html", b"<!-- case 1234567 -->", "comment with"),
    "a path in a comment": ("page.html", b"<!-- see /mnt/project -->", "comment with"),
    "an identifier in a notebook's metadata": (
        "a.ipynb",
        b'{"metadata": {"p": "RIN00412345"}}',
        "identifier",
    ),
    "a user in a PDF": ("book.pdf", b"%PDF-1.7 /Author (j.devries)", "path, host"),
    "a path in a picture": ("p.svg", b'<image href="/home/analyst/project/x.png"/>', "path, host"),
    "a birth date in a title": (
        "page.html",
        b'<td title="2003-04-17">5</td>',
        "day of the registers",
    ),
    "an identifier in an address": ("sitemap.xml", b"<loc>/t/999990019</loc>", "identifier"),
    "a day in a workbook": ("t.xlsx", zip_up(b"2018-01-30 "), "day of the registers"),
    "a number in a comment of a picture": ("p.svg", b"<!-- n = 123456 -->", "comment with"),
    "a notebook's output in a failed copy": (
        "failed/a.ipynb",
        b'{"outputs": [{"text": "RIN00412345 2003-04-17"}]}',
        "identifier",
    ),
}


def spell(word: str, form: str) -> bytes:
    return "".join(form.format(ord(letter)) for letter in word).encode()


ID = "RIN00412345"
# The same, written otherwise: each must be read as a person would read it.
PLANTED |= {
    "an identifier behind a hyphen": ("p.html", b'<p data-id="victim-RIN00412345">', "identifier"),
    "an identifier behind an underscore": ("p.html", b'<a id="row_RIN00412345">', "identifier"),
    "an identifier of two parts": ("t.csv", b"n\nx_NL-2041-a\n", "identifier"),
    "an identifier in small letters": ("p.html", b"<p>rin00412345</p>", "identifier"),
    "an identifier in references": ("p.html", spell(ID, "&#{};"), "identifier"),
    "an identifier in hexadecimal references": ("p.html", spell(ID, "&#x{:x};"), "identifier"),
    "an identifier in an encoded address": ("s.xml", spell(ID, "%{:02X}"), "identifier"),
    "an identifier in escapes": ("s.json", spell(ID, "\\u{:04x}"), "identifier"),
    "an identifier that may break": ("p.html", b"RIN00<wbr>412345", "identifier"),
    "an identifier with a soft hyphen": ("p.html", b"RIN00&shy;412345", "identifier"),
    "an identifier across tags": ("p.html", b"RIN00<b>412</b><i>345</i>", "identifier"),
    "an identifier joined by a script": ("a.js", b"x='RIN00'+'412345'", "identifier"),
    "an identifier in UTF-16": ("t.csv", f"n,{ID}\n".encode("utf-16"), "identifier"),
    "an identifier in base64": ("p.html", base64.b64encode(f"id {ID}".encode()), "identifier"),
    "an identifier in gzip": (
        "p.svg",
        gzip.compress(ID.encode() * 3 + b" " + ID.encode()),
        "ident",
    ),
    "an identifier in a zip in a zip": ("t.zip", zip_up(zip_up(b" RIN00412345 ")), "identifier"),
    "an identifier in a PDF": (
        "b.pdf",
        b"%PDF\nstream\n" + zlib.compress(b"(RIN00412345) Tj"),
        "ident",
    ),
    "an identifier in a picture's text": (
        "p.png",
        b"\x89PNGzTXtComment\0\0" + zlib.compress(b"victim RIN00412345"),
        "identifier",
    ),
    "an identifier across a workbook's runs": (
        "t.xlsx",
        zip_up(b"<si><r><t>RIN00</t></r><r><t>412345</t></r></si>"),
        "identifier",
    ),
    "an identifier in a folder's name": ("RIN00412345/a.csv", b"n\n5\n", "identifier"),
    "a day of the Dutch": ("p.html", b"<p>17-04-2003</p>", "day of the registers"),
    "a day without noughts": ("p.html", b"<p>17/4/2003</p>", "day of the registers"),
    "a day of the Americans": ("p.html", b"<p>04/17/2003</p>", "day of the registers"),
    "a day with strokes": ("a.js", b'd="2003/04/17"', "day of the registers"),
    "a day without marks": ("t.csv", b"born\n20030417\n", "day of the registers"),
    "a day in English": ("p.html", b"born 17 April 2003.", "day of the registers"),
    "a day in English, the month first": ("p.html", b"April 17th, 2003", "day of the registers"),
    "a day in Dutch": ("p.html", b"30 januari 2018", "day of the registers"),
    "a day in short": ("p.html", b"30&nbsp;jan. 2018", "day of the registers"),
    "a day with a time": ("s.json", b'"2003-04-17T00:00:00"', "day of the registers"),
    "a day between underscores": ("a.txt", b"born_2003-04-17_f", "day of the registers"),
    "a day in milliseconds": ("s.json", b'{"born": 1050537600000}', "day of the registers"),
    "a path of Windows": ("p.html", rb"C:\Users\jansen\run.py", "path, host"),
    "a path of Windows in JSON": ("s.json", rb'"C:\\Users\\jansen\\run.py"', "path, host"),
    "a share": ("p.html", rb"\\cbs.example\ra\9876\reports.sav", "path, host"),
    "a home on another machine": ("p.html", b"see /home/jansen/run.py", "path, host"),
    "an error": ("p.html", b"<b>KeyError</b>: &#x27;victim_id&#x27;", "stack trace"),
    "a warning": ("p.html", b"frame.py: SettingWithCopyWarning: a value", "stack trace"),
    "an address of e-mail": ("p.html", b"<p>p.jansen@cbs.example</p>", "address of e-mail"),
    "a pickle": ("t.cells", b"\x80\x04\x95", "of a kind that nothing"),
    "a program": ("a.exe", b"MZ", "of a kind that nothing"),
    "a register": ("t.parquet", b"PAR1", "of a kind that nothing"),
    "a file without an ending": ("cells", b"n", "of a kind that nothing"),
    "a pickle under another name": ("t.json", b"\x80\x04\x95", "not of the kind"),
    "a broken archive": ("t.zip", zip_up(b"x")[:60] + zip_up(b"x")[70:], "cannot be opened"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_leak_is_found_and_not_told(name, tmp_path):
    file, content, words = PLANTED[name]
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    found = "\n".join(scan_folder(tmp_path, PRIVATE))
    assert words in found
    said = found.replace(file, "").replace(f"{Path(file).parts[0]}: ", "")
    told = ("RIN00412345", "999990019", "2003-04-17", "2018-01-30", "j.devries", "rin-server")
    assert not any(value in said for value in told)


def test_sixty_leaks_of_twenty_kinds_are_planted():
    """Here what may never leave; in the other files what follows from what is shown."""
    by_files, by_counts = set(PLANTED), {*LEAKS, *BY_PRINT}
    assert len(by_files) + len(by_counts) >= 60
    kinds = {(PLANTED[name][2], Path(PLANTED[name][0]).suffix) for name in PLANTED}
    kinds |= {tuple(sorted(content)) for content in LEAKS.values()}
    assert len(kinds) >= 20


def test_a_folder_that_leaves_is_refused_by_kind(tmp_path, monkeypatch):
    monkeypatch.setattr(leaks, "list_private", lambda: PRIVATE)
    (tmp_path / "t.csv").write_text("n,source\n5,999990019\n", encoding="utf-8")
    with pytest.raises(DisclosureError, match=r"t.csv: an identifier of the registers") as caught:
        leaks.check_leaks(tmp_path, tmp_path / "no such folder")
    assert "999990019" not in str(caught.value)


@pytest.mark.parametrize(("said", "kept"), [(b"RIN00412345", False), (b"n = 984", True)])
def test_a_failed_copy_that_holds_people_is_not_kept(tmp_path, monkeypatch, said, kept):
    monkeypatch.setattr(leaks, "list_private", lambda: PRIVATE)
    path = tmp_path / "12_signalling.ipynb"
    path.write_bytes(b'{"outputs": ["' + said + b' Traceback (most recent call last)"]}')
    assert leaks.holds_people(path) is not kept


def test_what_is_published_is_no_leak(tmp_path):
    """Counts, other days, and a day that a public source prints."""
    (tmp_path / "t.csv").write_text("period,n\n2016,984\n2018-06-01,1630000\n", encoding="utf-8")
    (tmp_path / "page.html").write_text("<!-- end of table --> 2018-01-30", encoding="utf-8")
    facts = tmp_path.parent / "facts"
    facts.mkdir(exist_ok=True)
    (facts / "source.csv").write_text("read\n2018-01-30\n", encoding="utf-8")
    assert scan_folder(tmp_path, PRIVATE, printed=list_printed([facts])) == []


def test_the_day_of_the_delivery_is_no_leak(tmp_path, monkeypatch):
    """The manifest of a bundle names the day on which the extract was made. A person's stay that
    ended on that day made it a day of the registers, and no site of the extract could be built."""
    folder = write_clean(tmp_path / "extract")
    monkeypatch.setenv("MONITOR_REGISTERS", str(folder))
    told = {b"2021-07-01", b"2020-12-31"}
    with (folder / "extract.yml").open("a", encoding="utf-8") as stream:
        stream.write("reference_date: 2020-12-31\n")
    rows = (folder / "persons.csv").read_text(encoding="utf-8").splitlines()
    place = rows[0].split(",").index("birth_date")
    before = list_private().days
    born = [row.split(",") for row in rows[1:3]]
    for row, day in zip(born, sorted(told), strict=True):
        row[place] = day.decode()
    changed = [rows[0], *(",".join(row) for row in born), *rows[3:]]
    (folder / "persons.csv").write_text("\n".join(changed) + "\n", encoding="utf-8")
    after = list_private().days
    assert before and after and not told & after


def test_the_committed_bundle_holds_nothing_of_this_machine():
    assert scan_folder(BUNDLES, list_private()) == []


def test_an_empty_folder_is_read_by_its_name(tmp_path):
    (tmp_path / ID).mkdir()
    assert scan_folder(tmp_path, PRIVATE) == [f"{ID}: an identifier of the registers"]


def test_what_is_like_a_leak_is_none(tmp_path):
    """Years and counts beside each other, an address of a namespace, a day that cannot be,
    checksums, styles, and words that stand beside months."""
    page = (
        "<table><tr><td>2018</td><td>1</td><td>30</td></tr></table> 2018,1,30 17.4.20035"
        ' <a href="https://www.w3.org/2003/04/17-ns#">x</a> 31-02-2018 standard error: 3'
        " in 30 of 2018, @media print, Wikipedia: a:b, 0.20030417, 9999900190, RIN004123456"
    )
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    assert scan_folder(tmp_path, PRIVATE) == []


def test_check_says_whether_it_looked_for_people(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("helpers.cli._check_data", lambda options: [])
    monkeypatch.setattr("helpers.cli.BUILD", tmp_path)
    monkeypatch.setattr("helpers.cli.check_leaks", lambda *folders: None)
    monkeypatch.delenv("MONITOR_REGISTERS", raising=False)
    assert main(["check"]) == 0
    assert "nobody looked for people" in capsys.readouterr().out
    monkeypatch.setenv("MONITOR_REGISTERS", "")
    assert main(["check", "--registers", str(tmp_path)]) == 0
    assert "no identifier or day of the registers" in capsys.readouterr().out
