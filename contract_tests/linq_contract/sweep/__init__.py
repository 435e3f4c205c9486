"""Many runs, of several servers or with several seeds, on one machine or on many."""
