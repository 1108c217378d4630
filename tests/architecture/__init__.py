"""Tests of the code itself: what linters don't know of this house."""
