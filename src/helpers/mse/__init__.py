"""Multiple systems estimation: how many victims were on no list, from who was on which lists.

Silverman (2020), JRSS-A 183(3), 691-736; Chan, Silverman and Vincent (2021), JASA 116, 1297-1306.
"""

from helpers.mse.captures import count_overlaps, leave_out_list, merge_lists
from helpers.mse.choice import (
    average_models,
    choose_by_criterion,
    choose_forward,
    fit_all_models,
    list_pairs,
)
from helpers.mse.classes import fit_two_classes
from helpers.mse.graphs import average_graphs, list_decomposable_graphs
from helpers.mse.intervals import (
    bootstrap_population,
    correct_bias,
    estimate_by_search,
    estimate_forward,
    estimate_independent,
    estimate_profile_interval,
)
from helpers.mse.latent import (
    ENOUGH_COVERAGE,
    estimate_sample_coverage,
    fit_penalised,
)
from helpers.mse.loglinear import (
    LEVEL,
    LogLinearFit,
    NoEstimate,
    estimate_chao,
    find_fault,
    fit_log_linear,
)
from helpers.mse.origin import Captures, read_captures
from helpers.mse.settings import define_settings, tabulate_moves, tabulate_settings
from helpers.mse.simulated import (
    SIMULATED_NAMES,
    find_estimates,
    find_moves,
    read_simulated,
    write_simulated,
)
from helpers.mse.simulation import measure_coverage
from helpers.mse.tables import (
    add_shares,
    tabulate_lists,
    tabulate_patterns,
    tabulate_regions,
    tabulate_sample_coverage,
    tabulate_yearly,
)

__all__ = [
    "ENOUGH_COVERAGE",
    "LEVEL",
    "SIMULATED_NAMES",
    "Captures",
    "LogLinearFit",
    "NoEstimate",
    "add_shares",
    "average_graphs",
    "average_models",
    "bootstrap_population",
    "choose_by_criterion",
    "choose_forward",
    "correct_bias",
    "count_overlaps",
    "define_settings",
    "estimate_by_search",
    "estimate_chao",
    "estimate_forward",
    "estimate_independent",
    "estimate_profile_interval",
    "estimate_sample_coverage",
    "find_estimates",
    "find_fault",
    "find_moves",
    "fit_all_models",
    "fit_log_linear",
    "fit_penalised",
    "fit_two_classes",
    "leave_out_list",
    "list_decomposable_graphs",
    "list_pairs",
    "measure_coverage",
    "merge_lists",
    "read_captures",
    "read_simulated",
    "tabulate_lists",
    "tabulate_moves",
    "tabulate_patterns",
    "tabulate_regions",
    "tabulate_sample_coverage",
    "tabulate_settings",
    "tabulate_yearly",
    "write_simulated",
]
