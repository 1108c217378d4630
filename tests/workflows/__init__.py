"""What concerns Temporal: replay of stored histories, long waits, workers that aren't ready."""
