"""Multiple systems estimation: how many victims were on no list, from who was on which lists.

Silverman (2020), JRSS-A 183(3), 691-736; Chan, Silverman and Vincent (2021), JASA 116, 1297-1306.
"""

from helpers.population.captures import check_captures, count_overlaps, leave_out_list, list_names, merge_lists
from helpers.population.choice import average_models, choose_by_criterion, choose_forward, list_pairs
from helpers.population.intervals import bootstrap_population, correct_bias, estimate_forward, estimate_independent, estimate_profile_interval
from helpers.population.loglinear import LogLinearFit, NoEstimate, estimate_chao, find_fault, fit_log_linear
from helpers.population.tables import tabulate_estimates, tabulate_left_out, tabulate_patterns, tabulate_settings

__all__ = [
    "LogLinearFit", "NoEstimate", "average_models", "bootstrap_population", "check_captures", "choose_by_criterion", "choose_forward",
    "count_overlaps", "estimate_chao", "estimate_profile_interval", "find_fault", "fit_log_linear", "list_names", "list_pairs", "merge_lists",
    "leave_out_list", "tabulate_estimates", "tabulate_left_out", "tabulate_patterns", "tabulate_settings",
]
