"""Imported by the process that kernels are copies of: what every chapter reads from print is read
once."""

from contextlib import suppress

from helpers.claims import read_claims
from helpers.edition import BadInput
from helpers.published import read_catalogue

# A fault is told by the chapter that meets it.
with suppress(BadInput):
    read_catalogue()
    read_claims()
