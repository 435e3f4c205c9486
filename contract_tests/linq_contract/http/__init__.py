"""Requests and answers as values, and the one layer that sends them."""
