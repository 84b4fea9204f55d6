"""Checks as data: a pack switches rules on (id, kind, level, settings); a kind is one module with Params and check."""
