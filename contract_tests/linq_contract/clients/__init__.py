"""The client's turn: a program is run against the mock in each situation, and judged by what it sends."""
