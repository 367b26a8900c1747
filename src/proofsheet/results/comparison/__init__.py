"""Two runs side by side: what got worse, what got better, and what cannot be said."""

from proofsheet.results.comparison.compare import compare, compare_all
from proofsheet.results.comparison.model import Change, Comparison, Pairing, UncomparableError

__all__ = ["Change", "Comparison", "Pairing", "UncomparableError", "compare", "compare_all"]
