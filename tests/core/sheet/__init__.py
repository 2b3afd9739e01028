"""Tests of `lib.sheet`."""
