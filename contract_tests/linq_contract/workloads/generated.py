"""What Schemathesis generates from the document: its coverage, fuzzing and stateful phases."""

from __future__ import annotations

from linq_contract.campaign import Campaign


def run_schemathesis(campaign: Campaign) -> None:
    """Run Schemathesis."""
    campaign.session.list()
