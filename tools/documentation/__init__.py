"""The documentation site: what it shows of the sources, and its text for programs."""
