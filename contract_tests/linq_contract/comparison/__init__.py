"""Two servers, asked the same: what they answer differently."""
