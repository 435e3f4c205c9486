"""The judge: what breaks a rule. It sends nothing, and knows nothing of who does.

These modules register the checks of the rules.
"""

from linq_contract.judge import assignments, checks, history, isolation, races, refusals

__all__ = ["assignments", "checks", "history", "isolation", "races", "refusals"]
