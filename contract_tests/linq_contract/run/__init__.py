"""A run: what is sent in which order, and how everything is put back."""
