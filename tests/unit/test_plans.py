"""The plans of the made-up registers: whole numbers by integer programming, the same whatever the
solver's order of columns, and nothing printed that is not held."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from helpers import synthetic
from helpers.cli import main
from helpers.edition import BadInput
from helpers.synthetic import plan_forms, plan_police, plan_tests, plans
from helpers.synthetic.constraints import (
    Limits,
    Printed,
    find_limits,
    read_constraints,
    read_printed,
)
from helpers.synthetic.program import Cell, Linear, Program, add_up


def share_three(*, total: int = 100, near: int = 40) -> tuple[Program, list[Linear]]:
    program = Program("three parts")
    parts = [program.add("part", name, near=near) for name in "abc"]
    program.equal("sum", add_up(parts), total)
    return program, parts


def test_parts_give_way_alike():
    """Three parts of 40 that have to make 120, 60 and 90: each gives a third."""
    for total in (120, 60, 90):
        program, _ = share_three(total=total)
        assert sorted(program.solve().values()) == [total // 3] * 3


def test_a_larger_share_gives_way_more():
    """By hand: shares of 90 and 10 that have to make 80 have the least (x-90)^2/90 + (y-10)^2/10
    where both are a fifth less: 72 and 8."""
    program = Program("two")
    parts = [program.add("part", "a", near=90), program.add("part", "b", near=10)]
    program.equal("sum", add_up(parts), 80)
    assert program.solve() == {("part", "a"): 72, ("part", "b"): 8}


def test_broken_parts_become_whole_ones_next_to_them():
    """31 in three: two parts of 10 and one of 11, and always the same one."""
    program, _ = share_three(total=31, near=13)
    answer = program.solve()
    assert sorted(answer.values()) == [10, 10, 11]
    assert all(program.solve(columns=columns) == answer for columns in permute(program))


def permute(program: Program, n: int = 6) -> list[list[tuple[str, ...]]]:
    rng, columns = np.random.default_rng(3), list(program.cells)
    return [[columns[place] for place in rng.permutation(len(columns))] for _ in range(n)]


def test_the_answer_does_not_depend_on_the_order_of_the_columns():
    """Of cells that share alike, and of the forms of all years with their printed numbers."""
    program, parts = share_three(total=107)
    more = [program.add("more", str(place), near=13) for place in range(5)]
    program.equal("more", add_up(more), add_up(parts[:2]))
    forms = plan_forms.start("forms")
    plan_forms.state_forms(forms)
    for one in (program, forms):
        assert len({tuple(one.solve(columns=columns).items()) for columns in permute(one)}) == 1


def hold_too(program: Program, number: str, key: str, value: int) -> None:
    limits = find_limits(str(value), "exact")
    own = Printed(number, Decimal(value), limits, limits, is_monitor=False)
    program.printed = {**program.printed, key: (own,)}


def test_a_public_statistic_that_is_left_out_contradicts_what_is_held():
    """408 of sexual exploitation in 2020 (F106), where the monitor's overlaps leave 405; 249 of
    labour or criminal exploitation in 2017 (F095), which holds only if another statistic goes."""
    for number, key, value, named in (
        ("F106", "leading:sexual:2020", 408, "F106"),
        ("F095", "leading:labour_and_criminal:2017", 249, "F"),
    ):
        program = plan_forms.start("forms")
        hold_too(program, number, key, value)
        plan_forms.state_forms(program)
        with pytest.raises(BadInput, match=f"agree with all that was printed; without .*.{named}"):
            program.solve()


def test_a_share_that_a_count_of_the_police_register_does_not_give_is_named():
    """500 of 1,270 registered again would be 39 %, where 45 % is printed (section 4.3)."""
    program = plan_police.start("persons")
    hold_too(program, "made-up", "persons_again:5", 500)
    plan_police.state_persons(program, 1632)
    with pytest.raises(BadInput, match="without .*persons_again:5 .made-up."):
        program.solve()


def print_statistic(value: str) -> Printed:
    limits = find_limits(value, "exact", "statistic")
    return Printed("made-up", Decimal(value), limits, limits)


def test_the_counts_that_give_a_statistic_are_all_found():
    """Of 10 and 20 persons, tried one by one with scipy: what is 0.600 to three decimals."""
    tried = [
        (a, b)
        for a in range(11)
        for b in range(21)
        if 0 < a + b < 30
        and abs(chi2_contingency([[a, 10 - a], [b, 20 - b]], correction=False).statistic - 0.6)
        <= 0.0005
    ]
    found = plan_tests.list_pairs(print_statistic("0.6"), 10, 20)
    assert [tuple(pair) for pair in found.tolist()] == tried != []


def test_a_statistic_is_given_by_the_counts_nearest_to_a_like_share():
    """146 and 24,992 of whom an eighth is near, and 15.72: the pair has the direction that was
    asked for, and none that has it lies nearer."""
    test = print_statistic("15.72")
    for is_less in (True, False):
        a, b = plan_tests.choose_pair(test, 146, 24992, percent=12, is_less=is_less)
        found = chi2_contingency([[a, 146 - a], [b, 24992 - b]], correction=False).statistic
        assert abs(found - 15.72) <= 0.0005 and (a / 146 < b / 24992) is is_less
        away = (a / 146 - 0.12) ** 2 + (b / 24992 - 0.12) ** 2
        others = plan_tests.list_pairs(test, 146, 24992)
        assert not [
            (n, m)
            for n, m in others.tolist()
            if (n / 146 < m / 24992) is is_less
            and (n / 146 - 0.12) ** 2 + (m / 24992 - 0.12) ** 2 < away
        ]


@pytest.mark.parametrize("value", ["1340.326", "3000.006", "20.123", "25.5"])
def test_a_statistic_that_would_tell_counts_is_refused_without_telling_them(value):
    """The last two have 16 and 18 pairs: 8 and 9 in the stated direction, 8 and 8 of ten people or
    more on each side."""
    with pytest.raises(BadInput, match="fewer than 10 pairs") as refused:
        plan_tests.choose_pair(print_statistic(value), 146, 24992, percent=12, is_less=False)
    assert set(re.findall(r"\d+", str(refused.value))) == {"10"}


def test_contradicting_numbers_are_named():
    program, parts = share_three()
    program.exceed("a is more than b", parts[0], parts[1])
    program.exceed("b is more than c", parts[1], parts[2])
    program.exceed("c is more than a", parts[2], parts[0])
    with pytest.raises(BadInput, match="three parts: no whole numbers agree.*is more than"):
        program.solve()


def test_cells_that_cannot_hold_their_sum_are_named():
    program = Program("small")
    program.equal("sum", program.add("one", near=1, high=2), 3)
    with pytest.raises(BadInput, match="without sum there are some"):
        program.solve()


@pytest.mark.parametrize(
    ("printed", "precision", "unit", "low", "high"),
    [
        ("43", "rounded_percent", "percent", "42.5", "43.5"),
        ("617.77", "exact", "days", "617.765", "617.775"),
        ("315", "rounded5", "persons", "312.5", "317.5"),
        ("-50", "about", "percent", "45", "55"),
    ],
)
def test_the_limits_of_a_printed_number(printed, precision, unit, low, high):
    limits = find_limits(printed, precision, unit)
    assert (limits.low, limits.high) == (Decimal(low), Decimal(high))


def test_about_is_held_to_its_last_digit_and_an_open_limit_is_not_reached():
    about = Printed("a", Decimal(25), find_limits("25", "about"), find_limits("25", "exact"))
    more = Printed("b", Decimal(50), *[Limits(Decimal(50), None, True)] * 2)
    program = Program("shares", {"about": (about,), "more": (more,)})
    first, second = (program.add(name, near=0) for name in ("first", "second"))
    program.share("about", first, Linear({}, 1000))
    program.share("more", second, Linear({}, 1000))
    assert program.solve() == {("first",): 245, ("second",): 501}
    program.cells[("first",)] = Cell(near=250)
    assert program.solve()["first",] == 250
    assert program.stated == {"about", "more"}


# What is not a number of people: dates, costs, tests, and what the drawing rules alone fix.
NOT_PLANNED = {
    "aid": {"costs:victims", "costs:controls", "order:same_sex_and_age"},
    "repeats": {
        *(f"{name}_days" for name in ("median", "mean", "sd")),
        *(f"{name}_years" for name in ("median", "mean")),
        "median_months",
    },
    "protection": set(),
    "signalling": {"order:labour_months:2020", "order:missing_ages_of_fairwork"},
}


def list_orders(chapter: str) -> set[str]:
    rows = read_constraints()
    return set(rows.loc[(rows["chapter"] == chapter) & (rows["number"] == ""), "key"])


@pytest.mark.parametrize("name", sorted(plans.MAKERS))
def test_a_plan_is_what_its_maker_gives_and_holds_every_printed_number(name):
    made, stated = plans.make(name)
    assert plans.format_plan(made) == plans.read_file(name)
    for chapter in plans.CHAPTERS[name]:
        wanted = {*read_printed(chapter), *list_orders(chapter)} - NOT_PLANNED[chapter]
        assert wanted - stated == set()


def test_a_plan_that_somebody_changed_is_seen(monkeypatch, tmp_path, capsys):
    """One offer more than the printed numbers give."""
    rows = {("2016", "reflection", "offered"): 3}
    monkeypatch.setattr(plans, "MAKERS", {"residence": lambda: (rows, set())})
    monkeypatch.setattr(plans, "FOLDER", tmp_path)
    assert main(["plan", "--quiet"]) == 0
    path = tmp_path / "plan_residence.csv"
    assert path.read_text(encoding="utf-8") == "year,group,what,n\n2016,reflection,offered,3\n"
    assert main(["plan", "--check"]) == 0
    path.write_text("year,group,what,n\n2016,reflection,offered,4\n", encoding="utf-8")
    assert main(["plan", "--check"]) == 1
    assert "data/codes/plan_residence.csv" in capsys.readouterr().out
    assert synthetic.compare_plans()
