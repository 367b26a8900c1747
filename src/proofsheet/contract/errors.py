"""What can be wrong with a folder of specs. Every message says which file and what to change."""


class ContractError(Exception):
    """A spec file is missing, unreadable or says something the contract language does not allow."""

    def __init__(self, file: str, problem: str) -> None:
        self.file = file
        self.problem = problem
        super().__init__(f"{file}: {problem}")


class LocationError(ValueError):
    """A location is not of the form ``kind:place``."""
