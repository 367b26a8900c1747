"""The kill matrix: the harness is run against each declared fault, and must name a requirement that the fault breaks."""
