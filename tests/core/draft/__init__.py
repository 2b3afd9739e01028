"""Tests of `lib.draft`."""
