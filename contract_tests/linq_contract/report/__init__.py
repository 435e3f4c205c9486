"""The result of a run, described once and rendered for people and machines."""
