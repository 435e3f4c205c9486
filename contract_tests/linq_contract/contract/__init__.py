"""What the contract says of a request and of the lines of an account."""
