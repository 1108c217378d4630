"""Nested templates whose names are known only when they are reached."""
