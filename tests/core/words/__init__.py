"""Tests of `lib.words`."""
