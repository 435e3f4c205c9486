"""What a run may do to a server, and the record of what it must put back."""
