"""One run: from options to targets, cases, exchanges, findings and reports. Glue between the stages, and nothing more."""
