"""The clients that people use, judged: what `make clients` runs."""
