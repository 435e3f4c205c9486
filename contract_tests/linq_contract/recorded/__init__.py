"""Recorded traffic: read from files or as it passes, freed of secrets, and judged. It sends nothing."""
