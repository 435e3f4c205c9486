"""The judge: what breaks a rule. It sends nothing, and knows nothing of who does."""
