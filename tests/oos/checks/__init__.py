"""Tests of the rules: their examples, their ids, and what they share."""
