"""How nbval checks the committed notebooks: `make test`.

It compares what a cell prints. The committed notebooks hold no pictures; the tables beside them show
their data. Cells that count stage their tables in a private folder, as in a run; cells that show read
the committed bundle.
"""

import os
import tempfile

from helpers.edition import BUNDLES, DEFAULT_EDITION

os.environ["MONITOR_BUNDLE"] = str(BUNDLES / DEFAULT_EDITION)
os.environ["MONITOR_STAGE"] = tempfile.mkdtemp(prefix="monitor-check-")


def pytest_collectstart(collector):
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)
