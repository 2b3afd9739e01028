"""Tests of `lib.store`."""
