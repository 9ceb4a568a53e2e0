"""The document that the catalogue was read from, where it is at hand."""

import pytest

from helpers.edition import ROOT

SEED = ROOT.parent / "shared" / "seeds" / "000_7722fd9e653d29ea.txt"


@pytest.fixture(scope="session")
def lines() -> list[str]:
    """Its lines, counted from 0."""
    if not SEED.exists():
        pytest.skip("the source document is not at hand")
    return SEED.read_bytes().decode("utf-8").split("\n")
