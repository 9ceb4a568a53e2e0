"""The built site in a browser: menus, weight, reflow, heights and accessibility, page by page.

It needs a built site, Chromium, node, and playwright-core and axe-core in the folder that
PROVE_MODULES names (`npm install --prefix .cache/prove playwright-core axe-core`). Each page is a
test, told when it is done (`-v`, or `tail -f .cache/prove/pages.log`); what was measured is kept
and measured anew only where the page, a file that it loads, or the script is another. With `-n 2`
two browsers share the pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from helpers.edition import CACHE
from helpers.site import SITE as BUILT
from helpers.site import list_pages
from helpers.site.plain import find_raw_codes

# Another built site, such as one without examples.
SITE = Path(os.environ.get("PROVE_SITE", BUILT))
MODULES = Path(os.environ.get("PROVE_MODULES", CACHE / "prove"))
KEPT = CACHE / "prove" / "pages"
LOG = KEPT.with_suffix(".log")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCRIPT = Path(__file__).with_name("browse.mjs")
# Kilobytes with gzip and a cold cache, and requests, of a page.
LIGHT, HEAVY, MOST_REQUESTS = 350, 700, 15
HEAVIER = ("catalogue", "search", "50_calibration", "reproduction")
# Pixels at 1280 in reader's mode: the median chapter, and today's together (those of the subjects of
# the monitor); where the first picture may begin at most, by width of the window.
MIDDLE_HEIGHT, ALL_HEIGHTS = 11_000, 100_000
FIRST_PICTURE = {"1280": 900, "390": 2 * 844}
TODAYS = ("10_", "12_", "14_", "16_", "18_", "30_", "40_", "50_", "52_")
# Without the theme's menu: one sentence and a way on.
BARE = ("404.html", "index.html", "editions.html")

pytestmark = [pytest.mark.prove]


def list_names(site: Path) -> list[str]:
    if not (site / "index.html").exists():
        return []
    return sorted(path.relative_to(site).as_posix() for path in list_pages(site))


PAGES = list_names(SITE)
CHAPTERS = [name for name in PAGES if "/chapters/" in name]


def find_missing() -> str:
    if CHROMIUM is None:
        return "Chromium is not installed"
    if shutil.which("node") is None:
        return "node is not installed"
    if not (MODULES / "node_modules" / "playwright-core").exists():
        return f"playwright-core is not in {MODULES.name} (see the top of this file)"
    return ""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


class Browser:
    """One browser that stays open, started when the first page is asked for."""

    def __init__(self, site: Path, kept: Path) -> None:
        self.site, self.kept = site, kept
        self.process: subprocess.Popen[str] | None = None

    def measure(self, page: str) -> dict[str, Any]:
        """What the script measures of the page, or what it measured of the same files before."""
        kept = self.kept / f"{page.replace('/', '_')}.json"
        if kept.exists():
            found = json.loads(kept.read_text(encoding="utf-8"))
            files = found["files"]
            if found["script"] == digest(SCRIPT) and all(
                digest(self.site / (name or "index.html")) == sum_ for name, sum_ in files.items()
            ):
                return found
        found = self.ask(page)
        if "failed" in found:
            pytest.fail(f"{page}: {found['failed']}")
        self.kept.mkdir(parents=True, exist_ok=True)
        found["script"] = digest(SCRIPT)
        kept.write_text(json.dumps(found), encoding="utf-8")
        with self.kept.with_suffix(".log").open("a", encoding="utf-8") as log:
            log.write(f"{page}: {found['seconds']} s, {len(found['axe'])} findings of axe\n")
        return found

    def ask(self, page: str) -> dict[str, Any]:
        if self.process is None or self.process.poll() is not None:
            missing = find_missing()
            if missing:
                pytest.skip(missing)
            self.process = subprocess.Popen(
                ["node", str(SCRIPT), str(self.site), str(MODULES), str(CHROMIUM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{page}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"failed": "the browser ended"}

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def browser():
    opened = Browser(SITE, KEPT)
    yield opened
    opened.close()


def list_dead(page: str, found: dict[str, Any]) -> dict[str, list[bool]]:
    """Menu or contents that a first tap does not turn over or a second does not turn back."""
    asked = (
        []
        if Path(page).name in BARE and "book/" not in page
        else ["primary", *(["secondary"] if found["load"]["contents"] else [])]
    )
    return {
        what: [before, opened, closed]
        for what, (before, opened, closed) in found["taps"].items()
        if what.split()[0] in asked and (opened is before or closed is not before)
    }


def list_faults(page: str, found: dict[str, Any]) -> dict[str, Any]:
    """What of the page is not as it must be, by kind."""
    load, most = found["load"], HEAVY if any(name in page for name in HEAVIER) else LIGHT
    drawn = {**found["reflow"], **{f"{w} unfolded": of for w, of in found["unfolded"].items()}}
    faults = {
        "axe": found["axe"],
        "taps": list_dead(page, found),
        "wide": {w: of["wide"] for w, of in drawn.items() if of["over"] > 0 or of["wide"]},
        "kilobytes": load["kb"] if load["kb"] > most else 0,
        "requests": load["requests"] if load["requests"] > MOST_REQUESTS else 0,
        "foreign": load["foreign"],
        "errors": load["errors"],
        "black in the dark": found["black"],
        "no title in print": not found["titled"],
        "small words": found["unfolded"]["390"]["small"],
    }
    if "/chapters/" in page:
        # A chapter without a picture has it at -1; one in a folded example only, at 0.
        faults["first picture"] = {
            width: found["reflow"][width]["picture"]
            for width, most in FIRST_PICTURE.items()
            if found["reflow"][width]["picture"] > most
        }
    return {kind: what for kind, what in faults.items() if what}


@pytest.mark.parametrize("page", PAGES)
def test_page_in_a_browser(page, browser):
    """axe (WCAG 2.2 A and AA, best practice) at 1280, 390 and 320, light and dark; taps at 390, 768
    and 1280; nothing wider than the window; its weight; where its first picture begins."""
    assert list_faults(page, browser.measure(page)) == {}


@pytest.mark.parametrize("place", sorted({page.partition("book/")[0] for page in CHAPTERS}))
def test_chapters_are_no_longer_than_one_reads(place, browser):
    """Those of each edition and language, by where they stand: "" and "2019-2024/nl/"."""
    todays = [
        page
        for page in CHAPTERS
        if page.partition("book/")[0] == place and Path(page).name.startswith(TODAYS)
    ]
    heights = {page: browser.measure(page)["reflow"]["1280"]["height"] for page in todays}
    assert len(heights) == len(TODAYS)
    middle, together = statistics.median(heights.values()), sum(heights.values())
    assert middle < MIDDLE_HEIGHT and together < ALL_HEIGHTS, heights


BAD_PAGE = """<!DOCTYPE html><html lang="en"><head><title>A bad page</title><style>@media print { h1 { display: none } }</style>
<script src="http://other.invalid/x.js"></script><script>throw new Error("planted")</script></head>
<body><button class="primary-toggle">Menu</button><div id="pst-primary-sidebar">none</div>
<main><article><h1>A bad page</h1><p style="height:2000px"></p>
<figure><img src="x.png"></figure><p style="width:1500px">wide</p>
<svg class="picture" viewBox="0 0 1000 100" width="300"><text y="50" font-size="12">small</text></svg>
<p><a href="#a" style="font-size:8px">a</a><br><a href="#b" style="font-size:8px">b</a></p>
<section class="made-up-part" style="display:none"><p style="color:#aaa;background:#fff">pale</p>
<svg class="picture" viewBox="0 0 1000 100" width="300"><text y="50" font-size="12">folded</text></svg></section>
</article></main><script>
document.querySelector(".made-up-part").openPart = function () { this.style.display = "block"; };
document.write("<!-- " + "x".repeat(10) + " -->")</script></body></html>"""


def test_a_bad_page_is_caught(tmp_path):
    """Each fault that the proof looks for, planted once; axe's finding in the folded part is found
    unfolded, and one of WCAG 2.2 among them."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "index.html").write_text("", encoding="utf-8")
    heavy = "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(12_000))
    bad = BAD_PAGE.replace("</main>", f"<!-- {heavy} --></main>")
    (tmp_path / "chapters" / "bad.html").write_text(bad, encoding="utf-8")
    opened = Browser(tmp_path, tmp_path / "kept")
    found = opened.measure("chapters/bad.html")
    opened.close()
    faults = list_faults("a/chapters/bad.html", found)
    assert {"axe", "taps", "wide", "kilobytes", "foreign", "errors", "first picture"} <= set(faults)
    assert "no title in print" in faults and "black in the dark" in faults
    assert len(faults["small words"]) == 2  # one of them in the folded part
    rules = {name.rsplit(" ", 1)[1] for name in faults["axe"]}
    assert {"image-alt", "target-size", "color-contrast"} <= rules
    pale = {name for name in faults["axe"] if name.endswith("color-contrast")}
    assert pale and all("unfolded" in name for name in pale)
    # The same files again are not opened again; another page is.
    assert Browser(tmp_path, tmp_path / "kept").measure("chapters/bad.html") == found
    assert (
        "script" in found
        and (tmp_path / "kept.log").read_text(encoding="utf-8").count("bad.html") == 1
    )


@pytest.mark.skipif(not PAGES, reason="there is no built site (make book)")
def test_no_page_shows_a_code_outside_code():
    found = {
        str(path.relative_to(SITE)): find_raw_codes(
            BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        )
        for path in list_pages(SITE)
    }
    assert {page: codes for page, codes in found.items() if codes} == {}
