"""The documents that the catalogue was read from, where they are at hand."""

import pytest

from helpers.edition import ROOT
from helpers.published import read_lines

SEEDS = ROOT.parent / "shared" / "seeds"


@pytest.fixture(scope="session")
def read_source():
    """A function from a document's name to its lines, counted from 0."""

    def read(source: str) -> list[str]:
        path = SEEDS / f"{source}.txt"
        if not path.exists():
            pytest.skip("the source document is not at hand")
        return read_lines(path)

    return read


@pytest.fixture(scope="session")
def lines(read_source) -> list[str]:
    """The lines of the monitor 2016-2020."""
    return read_source("000_7722fd9e653d29ea")
