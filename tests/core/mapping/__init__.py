"""Tests of `lib.mapping`."""
