"""Presumed victims in view: the long view from public facts, and every figure of section 2.3 of the monitor from the register of reports."""

from helpers.signalling.change import decompose_change
from helpers.signalling.figures import (
    ALL_REPORTERS, CONSENT_NEEDED, WITHOUT_BORDER_POLICE, average_ages, count_by_form, count_by_trait, count_criminal_activities, count_forms, count_labour_months,
    count_labour_sectors, count_leading_forms, count_overlap, count_reporters, count_sexual_sectors, count_units, count_victims, find_covered_years, name_period,
)
from helpers.signalling.long_view import (
    compare_detection, compare_spell_ends, count_reported_victims, define_spells, derive_shares, find_printed_ages, find_printed_totals, list_revisions,
)
from helpers.signalling.series import compare_units, count_months, fit_interruptions
from helpers.signalling.victims import AGE_GROUPS, FORMS, choose_rules, derive_victims, pair_reporters, pair_units, select_counted, select_units

__all__ = [
    "AGE_GROUPS", "ALL_REPORTERS", "CONSENT_NEEDED", "FORMS", "WITHOUT_BORDER_POLICE", "average_ages", "choose_rules", "compare_detection", "compare_spell_ends", "compare_units", "count_by_form",
    "count_by_trait", "count_criminal_activities", "count_forms", "count_labour_months", "count_labour_sectors", "count_leading_forms", "count_months", "count_overlap", "count_reported_victims",
    "count_reporters", "count_sexual_sectors", "count_units", "count_victims", "decompose_change", "define_spells", "derive_shares", "derive_victims",
    "find_covered_years", "find_printed_ages", "find_printed_totals", "fit_interruptions", "list_revisions", "name_period", "pair_reporters", "pair_units", "select_counted", "select_units",
]
