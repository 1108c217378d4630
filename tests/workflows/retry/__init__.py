"""Retries of failed executions, with the real server, worker, store and simulator."""
