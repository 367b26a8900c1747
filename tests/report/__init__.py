"""Tests of proofsheet.report."""
