"""Ninety-odd answers of R 4.2.2 (survival 3.5-3, cmprsk 2.2-11, MASS) on R's own data sets, by
kind: the calls are in r_cases.R, which wrote the data, the calls (r_cases.csv) and the answers.
Closed forms are equal to 1e-8, iterative ones to 1e-6. `python tests/published/test_r_cases.py`
prints the table of differences."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import regression, repeats, survival

HERE = Path(__file__).parent
CASES, ANSWERS = (
    pd.read_csv(HERE / f"r_{name}.csv", encoding="utf-8") for name in ("cases", "answers")
)
CLOSE = {"closed": (1e-8, 1e-10), "iterative": (1e-6, 1e-8)}
L, V, M = np.arange(50, 801, 50), [10, 25, 50, 100, 150, 200, 300, 400], [12, 60, 120, 180, 240]
AT, EARLY, AGES = np.arange(60, 361, 60), [20, 60, 120, 300, 600], [60, 70, 80, 90]
RUNS: dict[str, Callable[[], dict[str, object]]] = {}


@cache
def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / f"{name}.csv", encoding="utf-8")


def read(name: str) -> pd.DataFrame:
    return _read(f"r_data_{name}").copy()


def case(name: str) -> Callable:
    def keep(run: Callable) -> Callable:
        RUNS[name] = run
        return run

    return keep


def at_times(curve: pd.DataFrame, times, *columns: str) -> dict[str, np.ndarray]:
    place = np.searchsorted(curve["time"].to_numpy(), np.asarray(times), side="right") - 1
    return {column: curve[column].to_numpy()[place] for column in columns}


def km(time, event, times, **more) -> dict[str, object]:
    curve = survival.estimate_kaplan_meier(time, event, **more)
    found = at_times(curve, times, "survival", "std_error", "ci_lower", "ci_upper")
    return dict(zip(("surv", "se", "lower", "upper"), found.values(), strict=True))


def robust(time, event, times, **more) -> dict[str, object]:
    found = km(time, event, times, **more)
    return {"surv": found["surv"], "se": found["se"]}


def aj(time, event, times, causes=2, **more) -> dict[str, object]:
    table = survival.estimate_aalen_johansen(time, event, causes=causes, **more)
    parts = [
        at_times(table[table["cause"] == k], times, "incidence", "std_error")
        for k in range(1, causes + 1)
    ]
    return {
        "p": np.concatenate([part["incidence"] for part in parts]),
        "se": np.concatenate([part["std_error"] for part in parts]),
    }


def quantiles(curve, shares) -> dict[str, object]:
    columns = {"quantile": "survival", "lower": "ci_lower", "upper": "ci_upper"}
    return {
        name: [survival.find_quantile(curve, share, column=column) for share in shares]
        for name, column in columns.items()
    }


def fitted(table: pd.DataFrame) -> dict[str, object]:
    names = ("coefficient", "std_error", "robust_std_error")
    return dict(zip(("coef", "se", "robust"), (table[name] for name in names), strict=True))


def cox(rows, terms, **more) -> dict[str, object]:
    return fitted(regression.estimate_cox(rows, terms, **more))


def zph(rows, terms, **more) -> dict[str, object]:
    return {"stat": regression.compare_over_time(rows, terms, **more)["statistic"]}


def predicted(rows, terms, values, times, **more) -> dict[str, object]:
    curve = regression.predict_curves(rows, terms, {"one": values}, **more)
    found = at_times(curve, times, "cumulative_hazard", "survival", "ci_lower", "ci_upper")
    return dict(zip(("cumhaz", "surv", "lower", "upper"), found.values(), strict=True))


def stat(table: pd.DataFrame) -> dict[str, object]:
    return {"stat": table["statistic"]}


def frail(table: pd.DataFrame) -> dict[str, object]:
    return {"coef": table["coefficient"], "se": table["std_error"], "theta": table["theta"][:1]}


# Curves


def _arm(name: str) -> pd.DataFrame:
    rows = read("aml")
    return rows[(rows["x"] == "Maintained") == (name == "km_aml_maintained")]


for _name in ("km_aml_maintained", "km_aml_others"):
    RUNS[_name] = lambda name=_name: km(
        _arm(name)["time"], _arm(name)["status"], np.arange(10, 46, 5)
    )


@case("km_ovarian")
def _():
    d = read("ovarian")
    return km(d["futime"], d["fustat"], [100, 300, 400, 500])


@case("km_lung")
def _():
    d = read("lung")
    return km(d["time"], d["died"], L)


@case("km_entry")
def _():
    d = read("heart")
    return km(d["stop"], d["event"], [*EARLY, 900], entry=d["start"])


@case("km_weights")
def _():
    d = read("veteran")
    return km(d["time"], d["status"], V, weights=d["karno"] / 50)


@case("km_age_scale")
def _():
    d = read("mgus2")
    return km(d["age"] + d["futime"] / 12, d["death"], AGES, entry=d["age"])


@case("km_cluster")
def _():
    d = read("rats")
    return robust(d["time"], d["status"], np.arange(50, 101, 10), clusters=d["litter"])


@case("km_weights_cluster")
def _():
    d = read("lung")
    return robust(d["time"], d["died"], L, weights=d["age"] / 60, clusters=d["inst"])


@case("km_entry_cluster")
def _():
    d = read("heart")
    return robust(d["stop"], d["event"], EARLY, entry=d["start"], clusters=d["id"])


@case("quantile_lung")
def _():
    d = read("lung")
    return quantiles(survival.estimate_kaplan_meier(d["time"], d["died"]), [0.25, 0.5, 0.75])


@case("quantile_aml")
def _():
    d = read("aml")
    return quantiles(survival.estimate_kaplan_meier(d["time"], d["status"]), [0.1, 0.25, 0.5])


@case("quantile_veteran")
def _():
    d = read("veteran")
    curve = survival.estimate_kaplan_meier(d["time"], d["status"])
    return quantiles(curve, [0.25, 0.5, 0.75, 0.9])


def _mean(time, event, until) -> dict[str, object]:
    curve = survival.estimate_kaplan_meier(time, event)
    found = survival.estimate_restricted_mean(curve, until).iloc[0]
    return {"value": found["value"], "se": found["std_error"]}


@case("mean_veteran")
def _():
    d = read("veteran")
    return _mean(d["time"], d["status"], 200)


@case("mean_ovarian")
def _():
    d = read("ovarian")
    return _mean(d["futime"], d["fustat"], 700)


@case("mean_cluster")
def _():
    d = read("lung")
    found = survival.estimate_clustered_mean(d["time"], d["died"], 500, clusters=d["inst"])
    return {"value": found["value"], "se": found["std_error"]}


# Competing risks


@case("aj_mgus2")
def _():
    d = read("mgus2")
    return aj(d["time"], d["event"], M)


@case("aj_women")
def _():
    d = read("mgus2").query("male == 0")
    return aj(d["time"], d["event"], M)


@case("aj_three_causes")
def _():
    d = read("transplant")
    return aj(d["time"], d["event"], [30, 100, 300, 700, 1200], causes=3)


@case("aj_weights")
def _():
    d = read("mgus2")
    return aj(d["time"], d["event"], M, weights=d["weight"])


@case("aj_cluster")
def _():
    d = read("mgus2")
    return aj(d["time"], d["event"], M, clusters=d["dxyr"])


@case("aj_weights_cluster")
def _():
    d = read("mgus2")
    return aj(d["time"], d["event"], M, weights=d["weight"], clusters=d["dxyr"])


@case("aj_age_scale")
def _():
    d = read("mgus2").query("time > 0")
    return aj(d["age"] + d["time"] / 12, d["event"], AGES, entry=d["age"])


@case("cuminc")
def _():
    d = read("mgus2")
    return {"p": aj(d["time"], d["event"], M)["p"]}


# Tests


@case("log_rank_aml")
def _():
    d = read("aml")
    return stat(survival.compare_log_rank(d["time"], d["status"], d["x"]))


@case("log_rank_lung")
def _():
    d = read("lung")
    return stat(survival.compare_log_rank(d["time"], d["died"], d["sex"]))


@case("log_rank_cells")
def _():
    d = read("veteran")
    return stat(survival.compare_log_rank(d["time"], d["status"], d["celltype"]))


@case("log_rank_strata")
def _():
    d = read("veteran")
    return stat(survival.compare_log_rank(d["time"], d["status"], d["trt"], strata=d["celltype"]))


@case("log_rank_many_strata")
def _():
    d = read("rats")
    return stat(survival.compare_log_rank(d["time"], d["status"], d["rx"], strata=d["litter"]))


@case("log_rank_cluster")
def _():
    d = read("lung").query("ecog < 3")
    return stat(survival.compare_log_rank(d["time"], d["died"], d["ecog"], clusters=d["inst"]))


def _gray(d, group, causes=2) -> dict[str, object]:
    tests = [
        survival.compare_gray(d["time"], d["event"], group, cause=k, causes=causes)
        for k in range(1, causes + 1)
    ]
    return stat(pd.concat(tests))


@case("gray_sex")
def _():
    return _gray(read("mgus2"), read("mgus2")["male"])


@case("gray_decades")
def _():
    return _gray(read("mgus2"), read("mgus2")["dxyr"] // 10)


@case("gray_three_causes")
def _():
    return _gray(read("transplant"), read("transplant")["blood"], causes=3)


# Cox

LUNG = {"stop": "time", "event": "died"}
VETERAN = {"stop": "time", "event": "status"}
HEART = {"start": "start", "stop": "stop", "event": "event"}
for _name, _data, _terms, _more in (
    ("cox_lung", "lung", "age sex ecog", LUNG),
    ("cox_breslow", "lung", "age sex ecog", LUNG | {"ties": "breslow"}),
    ("cox_strata", "veteran", "trt karno age", VETERAN | {"strata": "celltype"}),
    ("cox_cluster", "rats", "rx female", VETERAN | {"cluster": "litter"}),
    ("cox_whole_weights", "veteran", "trt karno", VETERAN | {"weights": "diagtime"}),
    ("cox_heart", "heart", "age year surgery transplant", HEART),
    ("cox_heart_breslow", "heart", "age transplant", HEART | {"ties": "breslow", "cluster": "id"}),
    ("cox_heart_strata", "heart", "age year transplant", HEART | {"strata": "surgery", "cluster": "id"}),
    ("cox_calendar_year", "mgus2", "dxyr age male", {"stop": "futime", "event": "death", "cluster": "dxyr"}),
):  # fmt: skip
    RUNS[_name] = lambda data=_data, terms=_terms, more=_more: cox(
        read(data), terms.split(), **more
    )


@case("cox_weights")
def _():
    d = read("veteran")
    return cox(d.assign(w=d["age"] / 50), ["trt", "karno"], weights="w", **VETERAN)


@case("cox_weights_cluster")
def _():
    d = read("lung")
    rows = d.assign(w=d["ecog"] + 0.5)
    return cox(rows, ["age", "sex"], weights="w", cluster="inst", **LUNG)


@case("cox_tt")
def _():
    """A covariate times log(t + 20): a row a person and event time."""
    d = read("veteran").assign(id=lambda t: t.index)
    times = np.unique(d.loc[d["status"] == 1, "time"])
    rows = d[["id", "time", "status", "karno"]].merge(pd.DataFrame({"stop": times}), how="cross")
    rows = rows[rows["stop"] <= rows["time"]].sort_values(["id", "stop"])
    start = rows.groupby("id")["stop"].shift(fill_value=0)
    is_event = (rows["status"] == 1) & (rows["stop"] == rows["time"])
    rows = rows.assign(start=start, event=is_event * 1, moved=rows["karno"] * np.log(rows["stop"] + 20))  # fmt: skip
    found = cox(rows, ["karno", "moved"], ties="breslow", **HEART)
    return {"coef": found["coef"], "se": found["se"]}


@case("cox_age_scale")
def _():
    d = read("mgus2")
    rows = d.assign(until=d["age"] + d["futime"] / 12)
    return cox(rows, ["male", "dxyr"], start="age", stop="until", event="death")


@case("cox_interaction")
def _():
    d = read("veteran")
    return cox(d.assign(both=d["trt"] * d["prior"]), ["trt", "prior", "karno", "both"], **VETERAN)


for _name in regression.TRANSFORMS:
    RUNS[f"zph_{_name}"] = lambda name=_name: zph(
        read("veteran"), ["trt", "karno", "age"], transform=name, **VETERAN
    )
for _name, _data, _terms, _more in (
    ("zph_strata", "veteran", "trt karno", VETERAN | {"strata": "celltype", "transform": "km"}),
    ("zph_entry", "heart", "age transplant", HEART),
    ("zph_entry_km", "heart", "age transplant", HEART | {"transform": "km"}),
    ("zph_breslow", "lung", "age sex ecog", LUNG | {"ties": "breslow", "transform": "rank"}),
):
    RUNS[_name] = lambda data=_data, terms=_terms, more=_more: zph(
        read(data), terms.split(), **more
    )


@case("basehaz")
def _():
    found = predicted(read("lung"), ["age", "sex"], {"age": 0, "sex": 0}, [5, 105, 310, 520, 791], **LUNG)  # fmt: skip
    return {"hazard": found["cumhaz"]}


for _name, _data, _values, _times, _more in (
    ("predicted", "veteran", {"trt": 2, "karno": 70, "age": 55}, V, VETERAN),
    ("predicted_breslow", "lung", {"age": 60, "sex": 2}, L, LUNG | {"ties": "breslow"}),
    ("predicted_entry", "heart", {"age": 0, "transplant": 1}, EARLY, HEART),
    ("predicted_weights", "veteran", {"trt": 1, "karno": 50}, V, VETERAN | {"weights": "diagtime"}),
):
    RUNS[_name] = lambda data=_data, values=_values, times=_times, more=_more: predicted(
        read(data), list(values), values, times, **more
    )

# Fine and Gray

EFRON = {"stop": "time", "ties": "efron"}
for _name, _data, _terms, _more in (
    ("crr", "mgus2", "age male", {"stop": "time"}),
    ("crr_death", "mgus2", "age male dxyr", {"stop": "time", "cause": 2}),
    ("crr_three_causes", "transplant", "year", {"stop": "time", "cause": 2, "causes": 3}),
    ("finegray", "mgus2", "age male", EFRON),
    ("finegray_cluster", "mgus2", "age male", EFRON | {"cluster": "dxyr"}),
    ("finegray_strata", "mgus2", "age male", EFRON | {"strata": "old"}),
    ("finegray_weights", "mgus2", "age male", EFRON | {"weights": "weight"}),
):
    RUNS[_name] = lambda data=_data, terms=_terms, more=_more: fitted(
        regression.fit_fine_gray(read(data), terms.split(), **more)
    )


@case("finegray_entry")
def _():
    d = read("mgus2").query("time > 0")
    rows = d.assign(time=d["age"] + d["time"] / 12)
    return fitted(regression.fit_fine_gray(rows, ["male", "dxyr"], start="age", **EFRON))


# Repeated events

CHRONIC = {"start": "tstart", "stop": "tstop", "event": "status", "person": "id"}
for _name, _fit, _terms, _more in (
    ("andersen_gill", regression.fit_andersen_gill, "rifn age steroids", {}),
    ("andersen_gill_center", regression.fit_andersen_gill, "rifn age", {"cluster": "center", "ties": "breslow"}),
    ("pwp_total", regression.fit_pwp_total, "rifn age", {"most": 3}),
    ("pwp_gap", regression.fit_pwp_gap, "rifn age", {"most": 3}),
):  # fmt: skip
    RUNS[_name] = lambda fit=_fit, terms=_terms, more=_more: fitted(
        fit(read("cgd"), terms.split(), **CHRONIC, **more)
    )


@case("wlw")
def _():
    spells = _read("regression_spells")
    return fitted(
        regression.fit_wei_lin_weissfeld(
            spells, ["rx", "size"], person="id", most=4, ties="breslow"
        )
    )


def _mean_cumulative(d, event="status", at=AT, **more) -> dict[str, object]:
    found = survival.estimate_mean_cumulative(
        d["tstop"], d[event], d["id"], entry=d["tstart"], at=at, **more
    )
    return {"value": found["value"], "se": found["std_error"]}


@case("mean_cumulative")
def _():
    return _mean_cumulative(read("cgd"))


@case("mean_cumulative_treated")
def _():
    return _mean_cumulative(read("cgd").query("rifn == 1"), at=AT + 30)


@case("mean_cumulative_center")
def _():
    d = read("cgd")
    return _mean_cumulative(d, clusters=d["center"])


@case("mean_cumulative_death")
def _():
    d = read("cgd")
    ended = np.where(d["status"] == 1, 1, np.where(d["id"] % 4 == 0, 2, 0))
    return _mean_cumulative(d.assign(ended=ended), "ended")


def _people() -> pd.DataFrame:
    people = read("cgd").groupby("id").agg(
        rifn=("rifn", "first"), age=("age", "first"), center=("center", "first"),
        n=("status", "sum"), years=("tstop", "max"),
    )  # fmt: skip
    return people.assign(years=people["years"] / 365.25)


@case("negative_binomial")
def _():
    found = regression.estimate_rates(_people(), ["rifn", "age"])
    return {name: fitted(found)[name] for name in ("coef", "se")} | {
        "dispersion": found["dispersion"][:1]
    }


@case("negative_binomial_cluster")
def _():
    found = fitted(regression.estimate_rates(_people(), ["rifn"], cluster="center"))
    return {name: found[name] for name in ("coef", "robust")}


# Frailty

RATS = {"group": "litter", "stop": "time", "event": "status"}
SPELLS = {"group": "id", "start": "tstart", "stop": "tstop", "event": "status", "ties": "breslow"}
KIDNEY = {"group": "id", "stop": "time", "event": "status", "law": "gaussian"}
for _name, _data, _terms, _more in (
    ("frailty_rats", "r_data_rats", "rx female", RATS | {"theta": 0.5}),
    ("frailty_strata", "r_data_rats", "rx", RATS | {"theta": 1, "strata": "female"}),
    ("frailty_entry", "r_data_cgd", "rifn age", SPELLS | {"theta": 0.7}),
    ("gaussian_kidney", "regression_kidney", "age sex", KIDNEY | {"theta": 0.6}),
    ("gaussian_breslow", "r_data_cgd", "rifn age", SPELLS | {"law": "gaussian", "theta": 0.3}),
    ("gaussian_reml_kidney", "regression_kidney", "age sex", KIDNEY),
    ("gaussian_reml_rats", "r_data_rats", "rx female", RATS | {"law": "gaussian"}),
):
    RUNS[_name] = lambda data=_data, terms=_terms, more=_more: frail(
        regression.fit_frailty(_read(data), terms.split(), **more)
    )

# States


def _states(d, **more) -> dict[str, object]:
    found = survival.estimate_multi_state(
        d.assign(to=d["to"].replace("", np.nan)), ["well", "pcm", "dead"], M,
        person="id", start="tstart", stop="tstop", state="from", to_state="to", **more,
    )  # fmt: skip
    wide = found.pivot(index="state", columns="time", values=["probability", "std_error"])
    wide = wide.loc[["well", "pcm", "dead"]]
    return {"p": wide["probability"].to_numpy().ravel(), "se": wide["std_error"].to_numpy().ravel()}


@case("states")
def _():
    return _states(read("moves"))


@case("states_men")
def _():
    return _states(read("moves").query("male == 1"))


@case("states_cluster")
def _():
    return _states(read("moves"), cluster="dxyr")


def _standardised(sex: int) -> dict[str, object]:
    found = survival.estimate_standardised(
        read("mgus2"), "male", ["old"], days="time", cluster="dxyr"
    )
    at = at_times(found[found["male"] == sex], M, "incidence", "std_error")
    return {"p": at["incidence"], "se": at["std_error"]}


for _name in (0, 1):
    RUNS[f"standardised_{_name}"] = lambda sex=_name: _standardised(sex)


# The rest


@case("adjusted")
def _():
    p = pd.Series([0.001, 0.2, 0.03, 0.03, 0.049, 0.7])
    return {name: regression.adjust_p_values(p, method=name) for name in regression.ADJUSTMENTS}


@case("gini")
def _():
    rng = np.random.Generator(np.random.PCG64(1))
    table = repeats.estimate_concentration(_people()["n"].to_numpy(), rng=rng, draws=2)
    return {"gini": table["value"][:1]}


@case("person_years")
def _():
    d = read("cgd")
    spells = d.rename(
        columns={"id": "person", "tstart": "start", "tstop": "stop", "status": "event"}
    )
    number = spells.groupby("person").cumcount() + 1
    found = repeats.estimate_rate_since(spells.assign(number=number, n_repeats=spells["event"]), months=60)  # fmt: skip
    return {"rate": found["n_events"].sum() / found["person_years"].sum()}


def find_difference(name: str, how: str) -> float:
    """The largest difference from R, as a share of what is allowed."""
    rtol, atol = CLOSE[how]
    expected = ANSWERS[ANSWERS["case"] == name]
    found, worst = RUNS[name](), 0.0
    for column, values in found.items():
        known = expected.loc[expected["name"] == column, "value"].to_numpy()
        if column == "theta" and not len(known):
            continue
        own = np.atleast_1d(np.asarray(values, dtype=float))
        assert own.shape == known.shape, (column, own.shape, known.shape)
        assert (np.isnan(own) == np.isnan(known)).all(), column
        gap = np.abs(own - known) / (atol + rtol * np.abs(known))
        worst = max(worst, float(np.nanmax(gap, initial=0.0)))
    return worst


@pytest.mark.parametrize(("name", "how"), CASES[["case", "how"]].to_numpy().tolist())
def test_what_r_answers(name, how):
    assert find_difference(name, how) <= 1


def test_every_call_has_its_counterpart():
    assert set(RUNS) == set(CASES["case"]) and len(CASES) >= 78


if __name__ == "__main__":
    for row in CASES.itertuples():
        try:
            print(
                f"{row.case:28}{row.how:10}{row.numbers:5}  {find_difference(row.case, row.how):.2g}"
            )
        except Exception as error:
            print(
                f"{row.case:28}{row.how:10}{row.numbers:5}  {type(error).__name__}: {error}"[:160]
            )
