"""Imported last by the process that kernels are copies of: what every chapter reads from print is
read once."""

import gc
import sys
from contextlib import suppress

from helpers.chain import read_chosen
from helpers.claims import read_claims
from helpers.edition import BadInput
from helpers.published import read_catalogue

# Nobody debugs a copy: without this each reads a debugger as it begins.
sys.modules["debugpy"] = None  # type: ignore[assignment]
import ipykernel.debugger  # noqa: E402, F401

# A fault is told by the chapter that meets it.
with suppress(BadInput):
    read_catalogue()
    read_claims()
    read_chosen()
# No kernel looks through what it shares for something to throw away.
gc.freeze()
