"""How many cells the default book hides beyond the small ones, told by their true counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.prove

# The bundle is made as ever, and what protection chose is told beside what was small.
TELL = """
import json, sys
from helpers import cli
from helpers.disclosure import together

choose = together.choose_hidden

def tell(book, known, small):
    small = set(small)
    hidden = choose(book, known, small)
    cells = set(book.places.values())
    print(json.dumps([len(cells), len(cells & small), len(hidden - small)]), file=sys.stderr)
    return hidden

if __name__ == "__main__":
    together.choose_hidden = tell
    sys.exit(cli.main(["bundle"]))
"""


def test_beyond_the_small_counts_few_are_hidden(unbuilt):
    """At most 8 % of all cells."""
    script = unbuilt.home / "tell.py"
    script.write_text(TELL, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(unbuilt.root / "src")}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    [told] = [line for line in done.stderr.splitlines() if line.startswith("[")]
    cells, small, beside = json.loads(told)
    assert small > 0 and 0 < beside <= 0.08 * cells, told
