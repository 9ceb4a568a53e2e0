"""The definitions of the monitor, by hand; and that none of them stands a second time in the
source."""

from __future__ import annotations

import ast

import numpy as np
import pandas as pd
import pytest

from helpers import definitions
from helpers.edition import ROOT, name_period

HOME = {"labels.py", "definitions.py"}


def read_source() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT / "src" / "helpers")): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "src" / "helpers").rglob("*.py"))
    }


def find_copies(source: str) -> list[str]:
    """What a file defines that belongs to `definitions`: missing codes, forms, age groups, their
    limits, Europe, or a period's name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            words = {part.value for part in node.elts if isinstance(part, ast.Constant)}
            found += [name for name, is_copy in COLLECTIONS.items() if is_copy(words)]
        is_range = isinstance(node, ast.Call) and ast.unparse(node.func) == "range"
        if is_range or isinstance(node, (ast.Compare, ast.keyword, ast.Tuple, ast.Dict)):
            parts = [
                part.value for part in ast.iter_child_nodes(node) if type(part) is ast.Constant
            ]
            found += ["limit of age"] * any(type(n) is int and n in (18, 23) for n in parts)
        elif isinstance(node, ast.JoinedStr) and ".start}-{" in ast.unparse(node):
            found.append("period")
    return found


COLLECTIONS = {
    "missing codes": lambda words: words == {"unknown", "not_recorded"},
    "forms": lambda words: words >= {"domestic_sexual", "cross_border_sexual"},
    "age groups": lambda words: words >= {"minor", "adolescent"},
    "Europe": lambda words: words >= {"eu", "europe_other"},
}


def test_each_definition_stands_once():
    found = {name: find_copies(source) for name, source in read_source().items()}
    copies = {name: copies for name, copies in found.items() if copies and name not in HOME}
    # Words of the catalogue's language ("achttien": 18), terms of a model, what is dealt out to made-up people,
    # keys of extract.yml.
    allowed = {
        # An edition is named by its years.
        "edition.py": ["period"],
        "published/wording.py": ["limit of age"],
        # Codes of several lists, which a picture leaves in their order.
        "figures/dots.py": ["age groups"],
        "aid/later.py": ["age groups"],
        "repeats/analysis.py": ["age groups"],
        "synthetic/people.py": ["age groups"],
        "synthetic/plan_residence.py": ["Europe"],
        "synthetic/plan_forms.py": ["age groups", "age groups"],
        "synthetic/plan_origin.py": ["Europe"],
        "synthetic/plan_police.py": ["age groups", "forms"],
        "sources/extract.py": ["missing codes"],
        "calibration/aid.py": ["age groups"],
    }
    assert {name: kinds for name, kinds in copies.items() if kinds != allowed.get(name)} == {}
    assert set(found["definitions.py"]) >= {"forms", "age groups", "limit of age"}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('UNKNOWN = ("unknown", "not_recorded")', "missing codes"),
        ('known = ~codes.isin(["not_recorded", "unknown"])', "missing codes"),
        ('FORMS = ("domestic_sexual", "cross_border_sexual", "labour")', "forms"),
        ('names = ["minor", "adolescent", "adult"]', "age groups"),
        ("np.select([age < 18, age < 23], names)", "limit of age"),
        ("range(18, 23)", "limit of age"),
        ('EUROPE = {"eu", "europe_other"}', "Europe"),
        ('f"{years.start}-{years.stop - 1}"', "period"),
    ],
)
def test_a_second_copy_is_caught(source, kind):
    assert kind in find_copies(source)


def test_what_only_looks_like_a_copy_is_not():
    assert find_copies('keys = ("unknown", "not_recorded", "true", "false")\nn = 180 + 2.3') == []


def test_sexual_exploitation_is_domestic_by_nationality():
    """Section 2.3.1."""
    named = {code: definitions.name_sexual(code) for code in ("NLD", "NGA", "XXA", "unknown")}
    assert named == {
        "NLD": "domestic_sexual",
        "NGA": "cross_border_sexual",
        "XXA": "cross_border_sexual",
        "unknown": "unknown",
    }
    assert definitions.name_sexual("not_recorded") == "unknown"


def test_minors_are_under_eighteen_and_adolescents_eighteen_to_twenty_two():
    ages = pd.Series([0, 17, 18, 22, 23, None], dtype="Int64")
    assert list(definitions.group_ages(ages)) == [
        "minor",
        "minor",
        "adolescent",
        "adolescent",
        "adult",
        "unknown",
    ]


def test_ages_of_the_scheme_are_those_of_its_tables():
    """Section 2.4.3: under 18, 18 to 22, 23 to 29, 30 to 39, 40 and over."""
    ages = pd.Series([17, 18, 22, 23, 29, 30, 39, 40, np.nan])
    assert list(definitions.group_scheme_ages(ages)) == [
        "under_18",
        "18_22",
        "18_22",
        "23_29",
        "23_29",
        "30_39",
        "30_39",
        "40_over",
        "unknown",
    ]


def test_a_person_is_a_year_older_on_the_birthday():
    born = pd.Series(pd.to_datetime(["2000-02-29", "2000-06-15", "2000-06-15", None]))
    day = pd.Series(pd.to_datetime(["2018-02-28", "2018-06-14", "2018-06-15", "2018-01-01"]))
    age = definitions.find_age(born, day)
    assert list(age[:3]) == [17, 17, 18] and np.isnan(age[3])


def test_periods_are_named_by_their_years():
    assert [name_period(range(*ends)) for ends in ((2016, 2021), (2016, 2017))] == [
        "2016-2020",
        "2016",
    ]
    assert name_period(range(0)) == ""


def test_cells_of_a_frequency_table_are_added_up_and_rows_are_counted():
    """Two rows of 2016 that stand for 3 and 4, one of 2018 that stands for 5."""
    rows = pd.DataFrame({"year": [2016, 2016, 2018], "kind": ["a", "unknown", "a"], "n": [3, 4, 5]})
    years = range(2016, 2019)
    by_kind = definitions.count_rows(
        rows, ["kind"], years=years, codes=["unknown", "a"], weight="n"
    )
    assert by_kind.pivot(index="kind", columns="period", values="n").to_dict("index") == {
        "a": {"2016": 3, "2017": 0, "2018": 5, "2016-2018": 8},
        "unknown": {"2016": 4, "2017": 0, "2018": 0, "2016-2018": 4},
    }
    assert list(dict.fromkeys(by_kind["kind"])) == ["a", "unknown"]
    assert list(definitions.count_rows(rows, [], years=years)["n"]) == [2, 0, 1, 3]
    assert list(definitions.count_rows(rows, [], years=years, weight="n")["n"]) == [7, 0, 5, 12]
