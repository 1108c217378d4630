"""The Temporal shell round the engine: what waits, is told, is asked, and calls activities."""
