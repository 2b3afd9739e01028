"""Tests of `lib.access`."""
