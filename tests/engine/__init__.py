"""Tests of the engine, over effects that are written down instead of carried out."""
