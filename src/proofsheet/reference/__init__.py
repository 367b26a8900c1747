"""The reference gateway: how a provider that keeps its contract answers, driven by the same specs."""

from proofsheet.reference.process import NotStartedError, ReferenceProcess, Served, start_reference

__all__ = ["NotStartedError", "ReferenceProcess", "Served", "start_reference"]
