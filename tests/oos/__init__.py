"""Tests of the template language: a file a module."""
