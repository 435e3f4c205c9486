"""The client of this project: list the lines, set a number, clear it."""

from linq_phone_numbers import LinqClient

with LinqClient() as client:
    line = client.phone_numbers.list().phone_numbers[0]
    client.phone_numbers.update(line.id, forwarding_number="+13105550199")
    client.phone_numbers.update(line.id, forwarding_number=None)
