"""Makes the plan of the reports, one part after the other: a part takes the whole numbers of those
before it as given."""

from __future__ import annotations

from helpers.synthetic import plan_forms, plan_origin, plan_reporters
from helpers.synthetic.program import Numbers, Parts


def make_reports() -> tuple[Numbers, set[str]]:
    """The rows of the plan by year, group and what; and the measures of the calibration that it
    holds to."""
    parts = Parts(plan_forms.start)
    solve = parts.solve
    forms = solve("forms", plan_forms.state_forms)
    reporters = solve("reporters", lambda one: plan_reporters.state_reporters(one, forms))
    fairwork = {year: reporters[str(year), "labour", "fairwork"] for year in plan_forms.YEARS}
    solve("units", lambda one: plan_reporters.state_units(one, reporters))
    solve("sex", lambda one: plan_forms.state_sex(one, forms))
    solve("ages", lambda one: plan_forms.state_ages(one, forms, fairwork))
    solve("origin", lambda one: plan_origin.state_origin(one, forms))
    solve("sexual sectors", lambda one: plan_origin.state_sexual_sectors(one, forms))
    last = fairwork[plan_forms.LAST]
    solve("labour sectors", lambda one: plan_origin.state_labour_sectors(one, forms, last))
    solve("criminal activities", lambda one: plan_origin.state_activities(one, forms))
    solve("border police", plan_origin.state_border_police)
    return parts.rows, parts.stated
