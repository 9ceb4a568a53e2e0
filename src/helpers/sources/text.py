"""Cells as words: one Unicode form, and what a spreadsheet or an export does to them."""

from __future__ import annotations

import datetime
import re
import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

# Patterns of RE2, which Arrow runs. What a spreadsheet would run, or a browser would draw:
ACTIVE = r"^[=@]|^[+][^\d]|<[A-Za-z/!]"
# Blanks of any alphabet before or after the text, and signs that nobody sees.
PADDED = r"^[\s\pZ\x{85}]|[\s\pZ\x{85}]$"
UNSEEN = (
    r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\x{34f}\x{115f}\x{1160}\x{3164}\x{ffa0}\x{2800}\x{fe00}-\x{fe0f}]"
)
ODD_BLANK = r"[\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}\t\r\n]"
# Values that a spreadsheet shows in place of what it lost, in the language of its user: #N/B and
# #WAARDE! where it is Dutch.
ERRORS = r"^#(error|GETTING_DATA|GEGEVENS_OPHALEN|#+|N/?[ABDV]|N/DISP|\p{Lu}[\p{Lu}/0-9_]*[!?])$"
_MONTH = r"(jan|feb|mrt|mar|maart|apr|mei|may|jun|jul|aug|sept?|okt|oct|nov|dec)\.?"
# An identifier that a spreadsheet took for a number, a day or a month.
SPOILED = (
    r"^-?\d+([.,]\d+)?[eE]\+\d+$|^-?\d+[.,]\d+[eE]\d+$|^\d+[.,]0+$"
    rf"|^(?i:\d{{1,2}}[- ]{_MONTH}([- ](\d\d)?\d\d)?|{_MONTH}[- ](\d\d)?\d\d)$"
    r"|^([0-3]?\d[-/.][0-3]?\d[-/.](19|20)\d\d|(19|20)\d\d[-/.][0-3]?\d[-/.][0-3]?\d)( 0?0:00(:00)?)?$"
)
# Words that systems write where an identifier is missing, and truth values: many people would become
# one.
MISSING_WORDS = (
    r"^(?i:null|[(<\[]null[)>\]]|\\n|none|nan|na|n/a|<na>|nat|nil|missing|undefined|empty|unknown|not_recorded"
    r"|onbekend|niet bekend|nvt|n\.v\.t\.?|n\.b\.?|geen|leeg|anoniem|true|false|waar|onwaar"
    r"|-+|_+|\?+|\.|-\d+(\.0+)?)$"
)
# Numbers that stand for a missing identifier where many rows hold them.
STAND_INS = r"^(0+|9{4,})$"
# What is left of a letter that an encoding lacked, and letters written for a browser.
LOST = r"[?\x{fffd}]|&(#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+\d?);"
# An apostrophe with which a spreadsheet marks text, and what is left of quotes that do not match.
QUOTED = r"^'|\""
# How a workbook writes a sign that XML cannot hold.
ESCAPED = r"_x[0-9A-Fa-f]{4}_"
LONGEST_DIGITS = 15
LONGEST_WHOLE = 10**LONGEST_DIGITS
# So many zeros come by chance once in ten thousand extracts.
FEWEST_ZEROS = 4
FEWEST_OF_STAND_IN = 5
# The words of a row of sums, alone or before a sign; the others of the last row only, since they are
# short enough to be identifiers.
TOTALS = r"^(?i:(sub|eind|deel|grand|algemeen)?[ -]?tota+l)([^\p{L}\d].*)?$"
LAST_TOTALS = r"^(?i:som|sum|aantal|count|gemiddelde|average|mean)([^\p{L}\d].*)?$"
# 21, 22 and 23 o'clock in seconds.
LATE_CLOCKS = (75_600, 79_200, 82_800)


def as_text(values: pd.Series) -> pd.Series:
    """Cells as words in the composed Unicode form; whole numbers without a decimal point, as a
    workbook or an SPSS file holds codes."""
    kind = values.dtype
    if kind.kind in "fM" or (kind.kind == "O" and isinstance(kind, np.dtype)):
        words = [as_word(cell) for cell in values.astype(object)]
        text = pd.Series(words, index=values.index, dtype="string[pyarrow]")
    elif isinstance(kind, pd.ArrowDtype) and pa.types.is_string(kind.pyarrow_dtype):
        words = pd.arrays.ArrowStringArray(pa.array(values))  # as it lies in memory
        text = pd.Series(words, index=values.index)
    else:
        text = values.astype("string[pyarrow]")
    strange = text[~_is_ascii(text)]
    if len(strange):
        text = text.copy()
        text[strange.index] = [unicodedata.normalize("NFC", word) for word in strange]
    return text


def as_word(cell: object) -> str | None:
    """One cell as a word; None for one without a value."""
    if cell is None or cell is pd.NA or cell is pd.NaT or cell != cell:  # NaN is no word
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LONGEST_WHOLE:
        return str(int(cell))
    return str(cell)


def matches(text: pd.Series, pattern: str) -> pd.Series:
    """Where a word holds the pattern (RE2); False where there is no word."""
    hit = pc.match_substring_regex(_arrow(text), pattern=pattern)
    return pd.Series(pc.fill_null(hit, False).to_numpy(), index=text.index)


def _arrow(text: pd.Series) -> pa.ChunkedArray:
    words = pa.array(text)
    chunks = words.chunks if isinstance(words, pa.ChunkedArray) else [words]
    # In one piece: a pattern is read anew for each, which takes longer than a search in some
    # thousands of words.
    return pa.chunked_array([pa.chunked_array(chunks, type=pa.large_string()).combine_chunks()])


def _is_ascii(text: pd.Series) -> np.ndarray:
    return pc.fill_null(pc.string_is_ascii(_arrow(text)), True).to_numpy().copy()


def is_longer(text: pd.Series, most: int) -> pd.Series:
    """Where a word has more than so many signs."""
    arrow = _arrow(text)
    if not len(text) or (pc.max(pc.binary_length(arrow)).as_py() or 0) <= most:
        return pd.Series(False, index=text.index)
    return pd.Series(pc.fill_null(pc.utf8_length(arrow), 0).to_numpy() > most, index=text.index)


def select_odd(text: pd.Series) -> pd.Series:
    """The words that hold anything but letters A to Z and digits, empty ones among them: all others
    need no closer look."""
    plain = pc.fill_null(pc.ascii_is_alnum(_arrow(text)), False).to_numpy()
    return text[~plain]


def is_compatible(text: pd.Series) -> pd.Series:
    """Where a word holds signs that look like others, such as wide letters, long dashes, or digits
    of another alphabet."""
    strange = ~_is_ascii(text)
    strange[strange] = [
        unicodedata.normalize("NFKC", word) != word
        or any(
            sign > "\x7f" and (sign in "\u2212" or unicodedata.category(sign) in ("Nd", "Pd"))
            for sign in word
        )
        for word in text[strange]
    ]
    return pd.Series(strange, index=text.index)


def is_written_twice(text: pd.Series) -> pd.Series:
    """Where the same identifier stands in capitals too, or, of a number, with marks for thousands
    too."""
    arrow = _arrow(text)
    is_alike = [
        pc.all(pc.equal(turn(arrow), arrow)).as_py() for turn in (pc.ascii_upper, pc.ascii_lower)
    ]
    has_marks = any(pc.any(pc.match_substring(arrow, mark)).as_py() for mark in ".,")
    if any(is_alike) and not has_marks:
        return pd.Series(False, index=text.index)
    kinds = pd.Series(text.unique(), dtype="string[pyarrow]")
    marked = matches(kinds, r"^\d{1,3}([.,]\d{3})+$")
    bare = kinds.str.lower().mask(marked, kinds.str.replace(r"[.,]", "", regex=True))
    return text.isin(kinds[bare.duplicated(keep=False)]).fillna(False)


def is_mixed(text: pd.Series) -> pd.Series:
    """Where letters of the Greek or Cyrillic alphabet, which look like Latin ones, stand in a
    column that has Latin ones too."""
    is_other = ~_is_ascii(text)
    if is_other.any():
        is_other[is_other] = matches(text[is_other], r"[\p{Greek}\p{Cyrillic}]").to_numpy()
    if is_other.any() and not matches(text, r"\p{Latin}").any():
        is_other[:] = False
    return pd.Series(is_other, index=text.index)


def find_clock_of_elsewhere(stamps: np.ndarray) -> np.ndarray:
    """Where moments (datetime64[s]) are midnights by the clock of another zone: at the last hours
    of the day before, as UTC has them for the midnights of Amsterdam, where all others are
    midnights."""
    seconds = (stamps - stamps.astype("datetime64[D]")).astype(np.int64)
    is_known = ~np.isnat(stamps)
    is_late = is_known & np.isin(seconds, LATE_CLOCKS)
    return is_late & (is_late | ~is_known | (seconds == 0)).all()


def is_garbled(text: pd.Series) -> pd.Series:
    """Where letters of UTF-8 were read as others, such as \u00c3\u00a9 for \u00e9."""
    strange = ~_is_ascii(text)
    strange[strange] = [_turn_back(word) != word for word in text[strange]]
    return pd.Series(strange, index=text.index)


def _turn_back(word: str) -> str:
    try:
        return word.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return word


def is_rounded(text: pd.Series) -> pd.Series:
    """Where a number has zeros beyond the fifteen digits that a spreadsheet keeps, if all long
    numbers of the column do, and too many to do so by chance."""
    if not len(text) or (pc.max(pc.binary_length(_arrow(text))).as_py() or 0) <= LONGEST_DIGITS:
        return pd.Series(False, index=text.index)
    long = matches(text, rf"^[1-9]\d{{{LONGEST_DIGITS},}}$")
    kinds = pd.Series(text[long].unique(), dtype="string[pyarrow]")
    zeros = kinds.str.slice(LONGEST_DIGITS).fillna("")
    is_cut = (zeros.str.strip("0") == "").all() and zeros.str.len().sum() >= FEWEST_ZEROS
    return long & bool(is_cut)


def is_stand_in(text: pd.Series) -> pd.Series:
    """Where zeros or nines stand in many rows, and most others in few."""
    arrow = _arrow(text)
    if not any(pc.any(pc.starts_with(arrow, digits)).as_py() for digits in ("0", "9999")):
        return pd.Series(False, index=text.index)
    shaped = matches(text, STAND_INS)
    if shaped.sum() < FEWEST_OF_STAND_IN:
        return pd.Series(False, index=text.index)
    counts = text.value_counts()
    usual = counts.median()
    often = counts.index[counts >= max(FEWEST_OF_STAND_IN, 5 * usual)]
    return shaped & text.isin(often).fillna(False)


def is_padded_number(text: pd.Series) -> pd.Series:
    """Where a number with zeros before it, and the same number without, both stand in a column; the
    same letters may stand before both, with a sign between or none, as in V7, V-7 and V007."""
    lengths = pc.min_max(pc.binary_length(_arrow(text)))
    is_alike = lengths["min"].as_py() == lengths["max"].as_py()
    if is_alike or not matches(text, r"^\pL{0,10}[-_/. ]?0|^\pL{1,10}[-_/. ]\d").any():
        return pd.Series(False, index=text.index)
    numbers = text[matches(text, r"^(\pL{1,10}[-_/. ]?)?\d+$")]
    kinds = pd.Series(numbers.unique(), dtype="string[pyarrow]")
    bare = pc.replace_substring_regex(
        _arrow(kinds), pattern=r"^(\pL*)[-_/. ]?0*(\d)", replacement=r"\1\2"
    )
    doubled = pd.Series(bare.to_numpy()).duplicated(keep=False).to_numpy()
    return text.isin(kinds[doubled]).fillna(False)


def is_number(cell: object) -> bool:
    return isinstance(cell, (int, float, np.number)) and not isinstance(cell, bool)


def is_day(cell: object) -> bool:
    return isinstance(cell, datetime.date)


def is_digit_form(form: str) -> bool:
    """Whether a form of dates has digits only, such as %Y%m%d; a number can then be a date."""
    return sorted(re.findall(r"%[Ymd]", form)) == ["%Y", "%d", "%m"] and len(form) == 6
