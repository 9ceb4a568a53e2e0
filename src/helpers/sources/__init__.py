"""The door to raw files: reads and checks what a re-runner brings; derives nothing."""

from helpers.sources.captures import read_captures
from helpers.sources.problems import Problem, UnreadableExtract

__all__ = ["Problem", "UnreadableExtract", "read_captures"]
