"""The contract of the Linq Partner API for phone numbers, and the checks that judge a server by it."""
