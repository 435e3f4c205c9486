"""The commands, a module each; none imports what another alone needs."""
