"""The built site in a browser: menus, weight, reflow and accessibility. `make prove` runs it.

It needs a built site, Chromium, node, and playwright-core and axe-core in the folder that
PROVE_MODULES names (`npm install --prefix .cache/prove playwright-core axe-core`).
"""

import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from helpers.edition import CACHE
from helpers.site import SITE, list_pages
from helpers.site.plain import find_raw_codes

MODULES = Path(os.environ.get("PROVE_MODULES", CACHE / "prove"))
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

pytestmark = [pytest.mark.prove]


def find_missing() -> str:
    if not (SITE / "index.html").exists():
        return "there is no built site (make book)"
    if CHROMIUM is None:
        return "Chromium is not installed"
    if shutil.which("node") is None:
        return "node is not installed"
    if not (MODULES / "node_modules" / "playwright-core").exists():
        return f"playwright-core is not in {MODULES.name} (see the top of this file)"
    return ""


@pytest.fixture(scope="module")
def measured():
    """What the script measured, by check and page."""
    missing = find_missing()
    if missing:
        pytest.skip(missing)
    done = subprocess.run(
        [
            "node",
            str(SCRIPT),
            str(SITE),
            str(MODULES),
            str(CHROMIUM),
            "load",
            "taps",
            "reflow",
            "axe",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=3600,
    )
    return json.loads(done.stdout)


def test_a_tap_opens_and_closes_menu_and_contents(measured):
    dead = {}
    for page, taps in measured["taps"].items():
        for what, (before, opened, closed) in taps.items():
            has_contents = measured["load"][page]["contents"] or what.startswith("primary")
            if has_contents and not (opened is not before and closed is before):
                dead[page, what] = (before, opened, closed)
    assert dead == {}


def test_pages_are_light_and_ask_nothing_of_another_host(measured):
    heavy = {
        page: load
        for page, load in measured["load"].items()
        if load["kb"] > (HEAVY if any(name in page for name in HEAVIER) else LIGHT)
        or load["requests"] > MOST_REQUESTS
        or load["foreign"]
        or load["errors"]
    }
    assert heavy == {}


def test_nothing_is_wider_than_the_window(measured):
    wide = {
        (page, width): found
        for page, widths in measured["reflow"].items()
        for width, found in widths.items()
        if found["over"] > 0 or found["wide"]
    }
    assert wide == {}


def test_axe_finds_nothing(measured):
    assert {page: found for page, found in measured["axe"].items() if found} == {}


def list_chapters(measured, language: str, width: str) -> dict[str, dict]:
    """What was measured of the chapters in one language at one width, by page."""
    return {
        page: widths[width]
        for page, widths in measured["reflow"].items()
        if "/chapters/" in page and page.startswith("nl/") == (language == "nl")
    }


@pytest.mark.parametrize("language", ["en", "nl"])
def test_chapters_are_no_longer_than_one_reads(measured, language):
    pages = list_chapters(measured, language, "1280")
    todays = {
        page: found
        for page, found in pages.items()
        if f"/{Path(page).name[:3]}" in {f"/{name}" for name in TODAYS}
    }
    heights = [found["height"] for found in todays.values()]
    assert len(heights) == len(TODAYS)
    assert statistics.median(heights) < MIDDLE_HEIGHT and sum(heights) < ALL_HEIGHTS, heights


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("width", FIRST_PICTURE)
def test_the_first_picture_begins_early(measured, language, width):
    """Where a chapter has a picture that is not made up: one in a folded example is at 0."""
    late = {
        page: found["picture"]
        for page, found in list_chapters(measured, language, width).items()
        if found["picture"] > FIRST_PICTURE[width]
    }
    assert late == {}


def test_words_in_pictures_are_read_on_a_phone(measured):
    small = {page: widths["390"]["small"] for page, widths in measured["reflow"].items()}
    assert {page: found for page, found in small.items() if found} == {}


@pytest.mark.skipif(not (SITE / "index.html").exists(), reason="there is no built site (make book)")
def test_no_page_shows_a_code_outside_code():
    found = {
        str(path.relative_to(SITE)): find_raw_codes(
            BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        )
        for path in list_pages(SITE)
    }
    assert {page: codes for page, codes in found.items() if codes} == {}
