"""Tests of proofsheet.results."""
