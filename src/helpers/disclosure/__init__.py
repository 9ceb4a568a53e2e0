"""Which numbers may leave: rule sets, how a table and then the whole book are made safe under them,
and the audit that they are."""

from helpers.disclosure.audit import Audit, audit_bundle, check_audit
from helpers.disclosure.cells import read_declared
from helpers.disclosure.ledger import read_publication, read_revised
from helpers.disclosure.rules import (
    HIDDEN,
    DisclosureError,
    RuleSet,
    find_rules,
    is_model_allowed,
    list_exceptions,
    read_rule_set,
)
from helpers.disclosure.shapes import (
    check_release,
    coarsen_curve,
    protect,
    protect_cells,
    protect_change,
    protect_contrasts,
    protect_curves,
    protect_estimates,
    protect_rates,
    protect_ratios,
)
from helpers.disclosure.suppression import REMAINING
from helpers.disclosure.together import Setting, Staged, protect_together

__all__ = [
    "HIDDEN",
    "REMAINING",
    "Audit",
    "DisclosureError",
    "RuleSet",
    "Setting",
    "Staged",
    "audit_bundle",
    "check_audit",
    "check_release",
    "coarsen_curve",
    "find_rules",
    "is_model_allowed",
    "list_exceptions",
    "protect",
    "protect_cells",
    "protect_change",
    "protect_contrasts",
    "protect_curves",
    "protect_estimates",
    "protect_rates",
    "protect_ratios",
    "protect_together",
    "read_declared",
    "read_publication",
    "read_revised",
    "read_rule_set",
]
