"""Tests of `lib.server`."""
