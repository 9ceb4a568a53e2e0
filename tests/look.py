"""Screenshots of every page of the built site, at desktop and phone width, to look at: `make look`.

Chromium runs with the network off, so a page that asks anything of another host shows it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile

from helpers.edition import BUILD
from helpers.site import SITE, list_pages

WIDTHS = {"desktop": (1280, 2400), "phone": (500, 2400)}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
    "--hide-scrollbars",
    "--virtual-time-budget=4000",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Chromium is not installed; on Debian: apt-get install chromium", file=sys.stderr)
        return 2
    look = BUILD / "look"
    shutil.rmtree(look, ignore_errors=True)
    look.mkdir(parents=True)
    for page in list_pages(SITE):
        for name, (width, height) in WIDTHS.items():
            target = (
                look
                / f"{page.relative_to(SITE).with_suffix('').as_posix().replace('/', '_')}-{name}.png"
            )
            with tempfile.TemporaryDirectory() as profile:
                subprocess.run(
                    [
                        chromium,
                        *FLAGS,
                        f"--user-data-dir={profile}",
                        f"--window-size={width},{height}",
                        f"--screenshot={target}",
                        page.as_uri(),
                    ],
                    check=True,
                    capture_output=True,
                    timeout=120,
                )
    print(f"{len(list(look.glob('*.png')))} screenshots: {look}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
