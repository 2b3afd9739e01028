"""Tests of `lib.sandbox`."""
