"""Which place somebody asks for: a municipality as it is at the end of the period, or a police
unit; and for every other question the sentence that answers it."""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from helpers.chain.local import MUNICIPALITY, UNIT
from helpers.definitions import OTHERS
from helpers.labels import (
    MISSING,
    Municipality,
    format_list,
    label,
    list_labelled,
    read_codes,
    read_municipalities,
    text,
)

# What each folded name stands for: kind and code.
Names = dict[str, list[tuple[str, str]]]
UNIT_PREFIX = "police:"
CLOSE, CLOSEST = 0.75, 3
# A police unit is also called by its region alone.
_UNIT_WORDS = ("unit", "eenheid")


@dataclass(frozen=True)
class Place:
    """What was asked for. `refusal` says why nothing is shown ("" where something is); `kind` is
    municipality or police_unit."""

    asked: str
    language: str
    kind: str = MUNICIPALITY
    code: str = ""
    refusal: str = ""
    parts: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        return label(self.code, self.language, kind=self.kind) if self.code else self.asked

    @property
    def where(self) -> dict[str, str]:
        """The rows of this place in tables of all places; none where it is refused."""
        return {"place_kind": self.kind, "locality": "" if self.refusal else self.code}

    @property
    def crossed(self) -> dict[str, str]:
        """The rows of this place in the table of units and municipalities."""
        return {self.kind: "" if self.refusal else self.code}

    def tell(self) -> str:
        """Why nothing is shown, or whose page this is and from where on its borders hold."""
        if self.refusal:
            return self.refusal
        told = text(f"local_{self.kind}", self.language, name=self.name, number=self.code)
        if not self.parts:
            return told
        joined = format_list(list(self.parts), self.language)
        return f"{told} {text('local_borders', self.language, name=self.name, parts=joined)}"


def find_place(
    asked: str,
    *,
    shown: Mapping[str, Collection[str]],
    years: range,
    language: str,
    is_made_up: bool,
) -> Place:
    """The place that a name or a code means, with why it has no page where it has none.

    `shown` are the codes that have a page, by kind (municipality, police_unit). Names count without
    capitals, accents and what stands in brackets. A place without victims and one with too few get
    the same sentence, so that nobody learns which it is.
    """
    asked = asked.strip()
    made_up = {
        _fold(label(code, language, kind=MUNICIPALITY)) for code in list_labelled(MUNICIPALITY)
    }
    if not asked or (not is_made_up and _fold(asked) in made_up):
        # The place that the notebook names is made up; on a register nobody has asked yet.
        return Place(asked, language, refusal=text("local_nothing", language))
    if not any(shown.values()):
        return Place(asked, language, refusal=text("local_absent", language))
    names = _list_names(shown, language, is_made_up=is_made_up)
    found = _match(asked, names)
    if len(found) != 1:
        return Place(asked, language, refusal=_tell_unclear(asked, found, names, language))
    kind, code = found[0]
    place = Place(asked, language, kind, code)
    known = read_municipalities().get(code) if kind == MUNICIPALITY else None
    refusal = ""
    if known is not None and is_made_up:
        refusal = text(
            "local_made_up", language, name=known.name, others=_list_shown(shown, language)
        )
    elif known is not None:
        refusal = _tell_of_time(known, years, language)
    if not refusal and code not in shown.get(kind, ()):
        refusal = text("local_few", language, name=place.name, period=_write(years))
    parts = _name_parts(known, years, language) if known is not None and not refusal else ()
    return Place(asked, language, kind, code, refusal, parts)


def _write(years: range) -> str:
    return f"{years.start}–{years.stop - 1}" if len(years) > 1 else str(years.start)


def _fold(name: str) -> str:
    """A name without capitals, accents, brackets and marks: "Súdwest-Fryslân" as sudwest
    fryslan."""
    plain = unicodedata.normalize("NFKD", re.sub(r"\(.*?\)", "", name)).casefold()
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


def _list_names(shown: Mapping[str, Collection[str]], language: str, *, is_made_up: bool) -> Names:
    """What each folded name stands for: (kind, code)."""
    made_up = list_labelled(MUNICIPALITY) if is_made_up else []
    codes = dict.fromkeys([*read_municipalities(), *shown.get(MUNICIPALITY, ()), *made_up])
    units = dict.fromkeys([*read_codes(UNIT), *shown.get(UNIT, ())])
    names: Names = {}
    for code in codes:
        if code != OTHERS:
            entry = read_municipalities().get(code)
            for name in [label(code, language, kind=MUNICIPALITY), *(entry.also if entry else ())]:
                names.setdefault(_fold(name), []).append((MUNICIPALITY, code))
    for code in units:
        if code not in MISSING:
            name = _fold(label(code, language, kind=UNIT))
            for short in {name, " ".join(w for w in name.split() if w not in _UNIT_WORDS)}:
                names.setdefault(short, []).append((UNIT, code))
    return names


def _match(asked: str, names: Names) -> list[tuple[str, str]]:
    everything = list(dict.fromkeys(one for ones in names.values() for one in ones))
    if asked.casefold().startswith(UNIT_PREFIX):
        wanted = asked[len(UNIT_PREFIX) :].strip()
        units = [one for one in everything if one[0] == UNIT]
        return [one for one in units if wanted == one[1] or one in names.get(_fold(wanted), ())]
    by_code = [one for one in everything if one == (MUNICIPALITY, asked.upper())]
    return by_code[:1] or names.get(_fold(asked), [])


def _tell_unclear(
    asked: str,
    found: list[tuple[str, str]],
    names: Names,
    language: str,
) -> str:
    """It means several places, or none; the nearest names are said."""
    if found:
        several = [_write_place(kind, code, language) for kind, code in found]
        return text("local_several", language, asked=asked, several=format_list(several, language))
    near = difflib.get_close_matches(_fold(asked), names, n=CLOSEST, cutoff=CLOSE)
    meant = [_write_place(kind, code, language) for name in near for kind, code in names[name]]
    if not meant:
        return text("local_unknown", language, asked=asked)
    return text("local_misspelt", language, asked=asked, near=format_list(meant, language))


def _write_place(kind: str, code: str, language: str) -> str:
    name = label(code, language, kind=kind)
    return f"{name} ({UNIT_PREFIX}{code})" if kind == UNIT else f"{name} ({code})"


def _list_shown(shown: Mapping[str, Collection[str]], language: str) -> str:
    codes = [code for code in shown.get(MUNICIPALITY, ()) if code != OTHERS]
    return format_list([label(code, language, kind=MUNICIPALITY) for code in codes], language)


def _tell_of_time(known: Municipality, years: range, language: str) -> str:
    """That the municipality was gone, or not there yet, when the period ended; "" where it was
    there."""
    last = datetime.date(years.stop - 1, 12, 31)
    if known.until is not None and known.until <= last:
        heirs = [read_municipalities()[code] for code in known.into]
        code = "local_parted"
        if len(heirs) == 1:
            code = "local_renamed" if _is_renaming(known, heirs[0]) else "local_merged"
        return text(
            code,
            language,
            name=known.name,
            day=_write_day(known.until, language),
            heirs=format_list([f"{heir.name} ({heir.code})" for heir in heirs], language),
        )
    if known.since is not None and known.since > last:
        return text(
            "local_later",
            language,
            name=known.name,
            day=_write_day(known.since, language),
            parts=format_list([f"{one.name} ({one.code})" for one in _find_parts(known)], language),
        )
    return ""


def _find_parts(known: Municipality) -> list[Municipality]:
    return [one for one in read_municipalities().values() if known.code in one.into]


def _is_renaming(old: Municipality, new: Municipality) -> bool:
    return new.since == old.until and [one.code for one in _find_parts(new)] == [old.code]


def _name_parts(known: Municipality, years: range, language: str) -> tuple[str, ...]:
    """The municipalities that came into this one during the period, each with its last day."""
    return tuple(
        f"{one.name} ({_write_day(one.until, language)})"
        for one in _find_parts(known)
        if one.until is not None and years.start <= one.until.year < years.stop
    )


def _write_day(day: datetime.date, language: str) -> str:
    month = label(f"month_{day.month}", language, kind="month")
    return f"{day.day} {month} {day.year}"
