"""Which claims hold in an edition: judged, kept in `data/claims/verdicts`, and compared with what
is kept."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from helpers.claims.declaration import CLAIMS, OTHER, QUOTED, Claim, read_claims
from helpers.claims.language import YEARS, evaluate, name_years
from helpers.claims.lookup import Numbers
from helpers.claims.values import Undecided, Value
from helpers.claims.wording import PLACE, fill, write_value
from helpers.edition import NOTEBOOKS, BadInput, Edition
from helpers.labels import capitalise, format_list, format_years, label, list_labelled, text
from helpers.published.catalogue import read_documents
from helpers.published.files import read_table

HOLDS, FAILS, UNDECIDED, CONTRADICTED, SAID = (
    "holds",
    "does_not_hold",
    "cannot_be_decided",
    "contradicted",
    "quoted",
)
VERDICT_COLUMNS = ["id", "verdict", "reason", "basis"]
VERDICTS = CLAIMS / "verdicts"
# Of a claim, how the number that contradicts it is named.
OTHER_KIND = "contradicted_by"


@dataclass(frozen=True)
class Judged:
    """A claim with its verdict in one edition, the code of the reason where there is one, and its
    numbers. `basis` is published, register, or both joined by "|"."""

    claim: Claim
    verdict: str
    reason: str
    values: dict[str, Any]
    edition: Edition
    hidden: tuple[str, ...] = ()

    @property
    def basis(self) -> str:
        places = {
            "published" if value.origin == "computed" else value.origin
            for name, value in self.values.items()
            if isinstance(value, Value) and value.origin and name != OTHER
        }
        return "|".join(sorted(places))

    def write(self, *, letters: bool = True) -> str:
        """The sentence as it stands in the book: as it is where it holds, and else with what is
        the matter. The numbers of one that does not hold stand behind it: within they belie it."""
        language = self.edition.language
        topic = label(self.claim.topic, language, kind="claim_topic")
        if self._lacks_numbers():
            reason = text(self.reason or "undecided_no_number", language)
            return text("claim_open", language, topic=topic, reason=reason)
        only = YEARS if self.verdict == FAILS else None
        words = fill(self.claim.text[language], self.values, language, letters=letters, only=only)
        if self.verdict == CONTRADICTED:
            return words + " " + fill(self._name_other(), self.values, language, letters=letters)
        if self.verdict == SAID:
            return text("claim_said", language, words=words, source=self.name_source())
        if self.verdict == HOLDS:
            return words
        period = format_years(self.edition.period_start, self.edition.period_end)
        reason = text(self.reason, language) if self.reason else ""
        said = text(f"claim_{self.verdict}", language, words=words, period=period, reason=reason)
        return said + self._list_numbers(letters=letters) if self.verdict == FAILS else said

    def _list_numbers(self, *, letters: bool) -> str:
        """What stands in place of the dots of a sentence that does not hold; of a change also its
        sign, which the sentence has in words."""
        language = self.edition.language
        found = []
        for place in PLACE.finditer(self.claim.text[language]):
            if place[1] in YEARS:
                continue
            form = "plain" if place[2] in (None, "size") else place[2]
            words = write_value(self.values[place[1]], form, language, letters=letters)
            found.append(re.sub(r"^-(?=\d)", "−", words))
        numbers = format_list(found, language)
        return " " + text("claim_numbers", language, numbers=numbers) if found else ""

    def list_places(self) -> list[str]:
        """Where each number of the sentence with a letter stands, in the order of the sentence."""
        if self._lacks_numbers():
            return []
        language, places = self.edition.language, []
        words = self.claim.text[language]
        if self.verdict == CONTRADICTED:
            words += self._name_other()
        for found in PLACE.finditer(words):
            value, form = self.values[found[1]], found[2] or "plain"
            bare = write_value(value, form, language, letters=False)
            if write_value(value, form, language) != bare:
                places.append(value.place)
        return places

    def _name_other(self) -> str:
        """What contradicts the sentence: the number itself, or that it is named there already."""
        language = self.edition.language
        if any(place[1] == OTHER for place in PLACE.finditer(self.claim.text[language])):
            return text("claim_contradicted_within", language)
        known = self.claim.id in list_labelled(OTHER_KIND)
        what = label(self.claim.id, language, kind=OTHER_KIND) if known else f"{{{OTHER}}}"
        return text("claim_contradicted", language, what=what)

    def _lacks_numbers(self) -> bool:
        return any(isinstance(value, Undecided) for value in self.values.values())

    def write_heading(self) -> str:
        """The finding in short where it holds; else the neutral name of its topic."""
        language = self.edition.language
        heading = self.claim.heading[language]
        if self.verdict != HOLDS or not heading or self._lacks_numbers():
            words = label(self.claim.topic, language, kind="claim_topic")
        else:
            words = fill(heading, self.values, language, letters=False)
        return capitalise(words)

    def name_source(self) -> str:
        """The document and its lines, in short."""
        if not self.claim.source:
            return ""
        language = self.edition.language
        name = label(self.claim.source, language, kind="document")
        year = _list_years()[self.claim.source]
        if year:  # a judgement is of its day
            name = text("document_of_year", language, document=name, year=year)
        lines = ", ".join(str(line) for line in self.claim.lines)
        word = "line" if len(self.claim.lines) == 1 else "lines"
        return f"{name}, {text(word, language)} {lines}"


@cache
def _list_years() -> dict[str, str]:
    """The year of each source document by its prefix; "" where its text bears none."""
    documents = read_documents()
    years = (day[:4] if day[:4].isdigit() else "" for day in documents["published"])
    return dict(zip(documents["prefix"], years, strict=True))


def judge(edition: Edition, *, folder: Path | None = None, chapter: str = "") -> dict[str, Judged]:
    """Every claim (of one chapter, where named) with its verdict on this edition's bundle; the
    claims of a chapter that this book does not have are passed over.

    Raises BadInput where a declaration is not whole.
    """
    numbers = Numbers(edition, folder)
    return {
        claim.id: judge_claim(claim, numbers)
        for claim in read_claims(chapter=chapter).values()
        if (NOTEBOOKS / f"{claim.chapter}.ipynb").exists()
    }


def judge_claim(claim: Claim, numbers: Numbers) -> Judged:
    """One claim, with its verdict."""
    values: dict[str, Any] = name_years(numbers)
    try:
        for name, expression in claim.values.items():
            values[name] = _try(expression, values, numbers)
        if _names_a_year_twice(claim, numbers.edition.years):
            values |= dict.fromkeys(claim.values, Undecided("undecided_zero"))
        verdict, reason, hidden = _decide(claim, values, numbers)
    except BadInput as error:
        raise BadInput(f"claim {claim.id}: {error}") from None
    return Judged(claim, verdict, reason, values, numbers.edition, hidden)


def _names_a_year_twice(claim: Claim, years: range) -> bool:
    """True where the sentence sets a year beside itself: in an edition of one year the first, the
    last and all together are one, in one of two years the first is the one before the last."""
    told: dict[str, object] = {"first": years[0], "before": years[-1] - 1, "last": years[-1]}
    told["span"] = years[0] if len(years) == 1 else years
    named = {found[1] for found in PLACE.finditer(claim.text["en"])} & told.keys()
    return claim.kind != QUOTED and len({told[name] for name in named}) < len(named)


def _try(expression: str, values: dict[str, Any], numbers: Numbers) -> Any:
    try:
        return evaluate(expression, values, numbers)
    except Undecided as reason:
        return reason


def _decide(
    claim: Claim, values: dict[str, Any], numbers: Numbers
) -> tuple[str, str, tuple[str, ...]]:
    """The verdict, the code of its reason, and the suppressed cells that it needs.

    What is printed contradicts what is printed: a sentence that a register counts anew, perhaps of
    other years, is not spoken against by what sources print beside each other.
    """
    open_values = [value for value in values.values() if isinstance(value, Undecided)]
    if claim.kind == QUOTED:
        return (SAID, open_values[0].code, open_values[0].hidden) if open_values else (SAID, "", ())
    try:
        if open_values:
            raise open_values[0]
        holds = bool(evaluate(claim.test, values, numbers))
        if claim.against and not _is_counted(values) and evaluate(claim.against, values, numbers):
            return CONTRADICTED, "contradicted_by_another", ()
    except Undecided as reason:
        return UNDECIDED, reason.code, reason.hidden
    return HOLDS if holds else FAILS, "", ()


def _is_counted(values: dict[str, Any]) -> bool:
    """True where a number of the sentence was counted from a register."""
    own = (value for name, value in values.items() if name != OTHER)
    return any(isinstance(value, Value) and value.origin == "register" for value in own)


def check_hidden(judged: dict[str, Judged], edition: str) -> None:
    """Raise BadInput for each claim that rests on a suppressed cell and was not accepted as
    undecided for this edition. Where nobody has accepted any verdict yet, as of a new extract, all
    are listed to be read."""
    accepted = read_verdicts(edition)
    if not accepted:
        return
    faults = [
        f"claim {one.claim.id} rests on a suppressed cell ({'; '.join(one.hidden)}); let it rest on a "
        f"coarser one, or accept it as undecided: monitor claims --edition {edition} --accept"
        for one in judged.values()
        if one.hidden and accepted.get(one.claim.id, {}).get("reason") != one.reason
    ]
    if faults:
        raise BadInput("\n".join(faults))


def read_verdicts(edition: str) -> dict[str, dict[str, str]]:
    """The kept verdicts of an edition by claim; none where nobody has accepted any yet."""
    path = VERDICTS / f"{edition}.csv"
    if not path.exists():
        return {}
    rows = read_table(path, VERDICT_COLUMNS).to_dict("records")
    return {str(row["id"]): {str(key): str(cell) for key, cell in row.items()} for row in rows}


def describe_verdicts(judged: dict[str, Judged]) -> list[dict[str, str]]:
    """A row a claim: id, verdict, reason, basis."""
    return [
        {"id": name, "verdict": one.verdict, "reason": one.reason, "basis": one.basis}
        for name, one in judged.items()
    ]


def write_verdicts(judged: dict[str, Judged], edition: str) -> Path:
    """Keep the verdicts of an edition; returns the file."""
    path = VERDICTS / f"{edition}.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, VERDICT_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(describe_verdicts(judged))
    return path


def compare_verdicts(judged: dict[str, Judged], edition: str) -> list[str]:
    """A line for each claim whose verdict is new, gone, or another than the kept one."""
    kept = read_verdicts(edition)
    lines = []
    for row in describe_verdicts(judged):
        old = kept.pop(row["id"], None)
        was = old["verdict"] if old else "not judged before"
        if old is None or (old["verdict"], old["reason"]) != (row["verdict"], row["reason"]):
            reason = f" ({row['reason']})" if row["reason"] else ""
            lines.append(f"claim {row['id']}: {row['verdict']}{reason}; {was}")
    gone = [name for name in kept if name not in read_claims()]
    return lines + [f"claim {name}: is no longer declared" for name in gone]
