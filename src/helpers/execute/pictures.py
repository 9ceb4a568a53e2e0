"""Where the marks of a picture lie, as a short word that can be committed and compared.

A picture is a grid of GRID times GRID squares, each with a mark in it or not. Fonts and versions
move marks by less than a square; a value that is another moves its mark farther.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np

GRID = 48
# Marks may lie so many squares apart and still be the same.
REACH = 1
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_PIECE = re.compile(r"([MLCQZz])([^MLCQZz]*)")
_LEFT_OUT = ("defs", "metadata", "clipPath")
# Axes, legends and their words move with the fonts of a machine; what is drawn of the numbers stays.
_AROUND = ("matplotlib.axis", "legend", "text")


def hash_picture(svg: str) -> str:
    """The squares that hold a mark (a point of a line or a marker), row by row, in base 64."""
    root = ElementTree.fromstring(svg.encode("utf-8"))
    left, top, width, height = map(float, _NUMBER.findall(root.attrib["viewBox"]))
    squares = np.zeros((GRID, GRID), dtype=bool)
    for x, y in _list_points(root):
        column, row = int((x - left) / width * GRID), int((y - top) / height * GRID)
        if 0 <= column < GRID and 0 <= row < GRID:
            squares[row, column] = True
    return base64.b64encode(np.packbits(squares).tobytes()).decode()


def _list_points(element: ElementTree.Element) -> Iterator[tuple[float, float]]:
    for child in element:
        kind = child.tag.rpartition("}")[2]
        if kind in _LEFT_OUT or child.attrib.get("id", "").startswith(_AROUND):
            continue
        if kind == "path":
            yield from _walk(child.attrib.get("d", ""))
        elif kind == "use":
            yield float(child.attrib.get("x", 0)), float(child.attrib.get("y", 0))
        yield from _list_points(child)


def _walk(drawn: str) -> Iterator[tuple[float, float]]:
    """Points along a path, closer together than its squares are wide in pictures of this book."""
    corners = []
    for _, numbers in _PIECE.findall(drawn):
        values = [float(number) for number in _NUMBER.findall(numbers)]
        corners += [values[-2:]] if len(values) >= 2 else []
    yield from ((x, y) for x, y in corners)
    for first, second in pairwise(corners):
        for part in np.linspace(0, 1, 2 * GRID)[1:-1]:
            yield (
                first[0] + part * (second[0] - first[0]),
                first[1] + part * (second[1] - first[1]),
            )


def is_same_picture(one: str, other: str) -> bool:
    """True where every mark of each lies within REACH squares of one of the other."""
    first, second = _unpack(one), _unpack(other)
    return not (first & ~_widen(second)).any() and not (second & ~_widen(first)).any()


def _unpack(word: str) -> np.ndarray:
    bits = np.unpackbits(np.frombuffer(base64.b64decode(word), dtype=np.uint8))
    return bits[: GRID * GRID].reshape(GRID, GRID).astype(bool)


def _widen(squares: np.ndarray) -> np.ndarray:
    wide, padded = squares.copy(), np.pad(squares, REACH)
    for down in range(2 * REACH + 1):
        for across in range(2 * REACH + 1):
            wide |= padded[down : down + GRID, across : across + GRID]
    return wide
