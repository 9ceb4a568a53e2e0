"""What Chromium shows of the whole book; skipped where it is not installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.prove


def list_asked_hosts(chromium: str, address: str, folder: Path) -> set[str]:
    """Hosts that Chromium asks while it shows a page, its own housekeeping included; the network is
    closed."""
    log = folder / "net.json"
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--virtual-time-budget=3000",
    ]
    done = subprocess.run(
        [
            chromium,
            *flags,
            f"--log-net-log={log}",
            f"--user-data-dir={folder}/profile",
            "--dump-dom",
            address,
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "</html>" in done.stdout
    return set(
        re.findall(r'"url":"https?://([^/":]+)', log.read_text(encoding="utf-8", errors="replace"))
    )


def test_no_page_asks_anything_of_another_host(tmp_path, built):
    """Chromium with the network closed shows every page and asks for nothing beyond what an empty
    page makes it ask."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed; the site's own check looks at every address")
    bad, empty = tmp_path / "bad.html", tmp_path / "empty.html"
    bad.write_text(
        '<html><script src="https://cdn.example.org/x.js"></script></html>', encoding="utf-8"
    )
    empty.write_text("<html></html>", encoding="utf-8")
    own = list_asked_hosts(chromium, empty.as_uri(), tmp_path)
    assert "cdn.example.org" in list_asked_hosts(chromium, bad.as_uri(), tmp_path) - own
    for page in sorted((built.site / "book").rglob("*.html")):
        asked = {
            host
            for host in list_asked_hosts(chromium, page.as_uri(), tmp_path) - own
            if not host.endswith(("google.com", "googleapis.com", "gvt1.com"))
        }
        assert asked == set(), page.name


def read_catalogue_page(
    chromium: str, page: Path, query: str, folder: Path
) -> tuple[str, list[str]]:
    """What the catalogue page says after it was opened with this query at the width of a phone: its
    count, and the numbers listed."""
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=360,800",
            "--virtual-time-budget=3000",
            f"--user-data-dir={folder}/phone",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--dump-dom",
            f"{page.as_uri()}?{query}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    shown = BeautifulSoup(done.stdout, "html.parser")
    return shown.find(id="catalogue-count").get_text(), [
        item.get_text() for item in shown.select("#catalogue-list li")
    ]


def test_the_catalogue_page_searches_and_filters_without_a_server(tmp_path, built):
    """Line 9540 of the Ninth report prints 669 victims without the Dutch nationality in 2009; fifty
    numbers are drawn at a time."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    page = built.site / "book" / "catalogue.html"
    count, items = read_catalogue_page(chromium, page, "", tmp_path)
    assert int(count.split()[0].replace(",", "")) > 1200 and len(items) == 50
    count, items = read_catalogue_page(chromium, page, "words=669%20victims&year=2009", tmp_path)
    assert (
        any("669 presumed victims" in item and "line 9540" in item for item in items)
        and int(count.split()[0]) < 10
    )
    assert read_catalogue_page(chromium, page, "words=seychellois", tmp_path) == (
        "No number matches. Try fewer words, another document, or clear the year.",
        [],
    )
    count, items = read_catalogue_page(chromium, page, "but=on", tmp_path)
    assert all("contradiction" in item for item in items) and items
