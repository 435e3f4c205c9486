"""The workloads: what a run sends. None of them judges an answer; the judge does."""
