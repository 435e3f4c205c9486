"""Traffic judged while it passes: through a reverse proxy, or the transport of a user's own client."""
