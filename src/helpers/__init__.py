"""Helpers of the victim monitor: one room, one topic; a room imports only rooms to its left
(pyproject.toml)."""
