"""Tests of `lib.platform`."""
