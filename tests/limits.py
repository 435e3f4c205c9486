"""How long to wait for what has to come, before it counts as never coming."""

from __future__ import annotations

import os


def limit(seconds: float) -> float:
    """Stretch a time that is ample on an idle machine by how busy this one is."""
    load, _, _ = os.getloadavg()
    return seconds * max(1.0, 2 * load / (os.cpu_count() or 1))
