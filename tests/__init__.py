"""Tests: real processes and real HTTP; the outside world is the simulator, never a patch of our own code."""
