"""Processes that die: what was begun goes on, and nothing is done twice."""
