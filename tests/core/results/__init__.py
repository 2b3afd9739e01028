"""Tests of `lib.results`."""
