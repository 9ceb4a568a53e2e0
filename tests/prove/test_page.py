"""The built site in a browser: menus, weight, reflow and accessibility. `make prove` runs it.

It needs a built site, Chromium, node, and playwright-core and axe-core in the folder that
PROVE_MODULES names (`npm install --prefix .cache/prove playwright-core axe-core`).
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from helpers.edition import CACHE
from helpers.site import SITE

MODULES = Path(os.environ.get("PROVE_MODULES", CACHE / "prove"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCRIPT = Path(__file__).with_name("browse.mjs")
# Kilobytes with gzip and a cold cache, and requests, of a page.
LIGHT, HEAVY, MOST_REQUESTS = 350, 700, 15
HEAVIER = ("catalogue", "search", "50_calibration", "reproduction")

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
