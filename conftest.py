"""Glue: the plugin that turns ``pytest suites`` into a run."""

pytest_plugins = ["proofsheet.plugin"]
