"""Sentences that state a finding, each with a test: declared in `data/claims`, judged on every
edition."""

from helpers.claims.declaration import CLAIMS, QUOTED, TESTED, Claim, read_claims
from helpers.claims.lookup import Numbers, name_row
from helpers.claims.telling import write_test
from helpers.claims.verdicts import (
    CONTRADICTED,
    FAILS,
    HOLDS,
    SAID,
    UNDECIDED,
    Judged,
    check_hidden,
    compare_verdicts,
    judge,
    judge_claim,
    read_verdicts,
    write_verdicts,
)

__all__ = [
    "CLAIMS",
    "CONTRADICTED",
    "FAILS",
    "HOLDS",
    "QUOTED",
    "SAID",
    "TESTED",
    "UNDECIDED",
    "Claim",
    "Judged",
    "Numbers",
    "check_hidden",
    "compare_verdicts",
    "judge",
    "judge_claim",
    "name_row",
    "read_claims",
    "read_verdicts",
    "write_test",
    "write_verdicts",
]
