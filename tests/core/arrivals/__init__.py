"""Tests of `lib.arrivals`."""
