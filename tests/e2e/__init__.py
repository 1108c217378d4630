"""The whole of Caboose: real processes, real HTTP, the real Temporal server."""
