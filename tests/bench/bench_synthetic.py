"""Times the synthetic registers and measures their memory, each in a process of its own: used by
`make bench`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MEASURE = """
import resource, sys, time
from pathlib import Path
from helpers import synthetic
started = time.monotonic()
synthetic.write_registers(Path(sys.argv[1]), seed=1, scale=int(sys.argv[2]))
print(time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def bench_synthetic(folder: Path, *, scale: int) -> tuple[float, float]:
    """Seconds and peak memory (MB) of writing so many copies into a new folder."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder), str(scale)],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory
