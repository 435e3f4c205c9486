"""What recorded traffic shows, measured: one walk through every server of the mock's catalogues.

The same HAR file of each server is given to `linq-contract check` and to `redocly drift`.
"""
