"""How nbval checks the committed notebooks: `make test`.

It compares what a cell prints. The committed notebooks hold no pictures; the tables beside them show their data.
Tables go to a folder of this check's own, so that a run's bundle stays as it is.
"""

import os
import tempfile

os.environ["MONITOR_BUNDLE"] = tempfile.mkdtemp(prefix="monitor-check-")


def pytest_collectstart(collector):
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)
