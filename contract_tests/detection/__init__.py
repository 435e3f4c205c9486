"""What the validate command detects, measured: every fault of the mock, and no freedom of it.

Each server of the two catalogues is judged with default settings. A fault counts as caught only when
a rule that it breaks is named; a freedom is accused when any rule is named. A forwarding number that
a run leaves changed counts against the run, whatever the server.
"""
