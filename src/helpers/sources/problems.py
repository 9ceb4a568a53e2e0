"""What is wrong with an extract, in a form that can be printed without giving away a person."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN_ROWS = 5


@dataclass(frozen=True)
class Problem:
    """One rule that one column of one file breaks.

    `rows` are the first row numbers as a person sees them in the file (csv, xlsx: the header is row
    1; parquet, sav: the first record is row 1). `n_rows` counts all. Values never stand here. A
    warning does not stop a run.
    """

    file: str
    column: str
    rule: str
    n_rows: int
    rows: tuple[int, ...]
    remedy: str
    is_warning: bool = False


class UnreadableExtract(Exception):
    """A file that cannot be read, or a mapping that does not fit it (exit 2). Carries every such
    problem that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(
            "\n".join(f"{problem.file}: {problem.rule}; {problem.remedy}" for problem in problems)
        )
