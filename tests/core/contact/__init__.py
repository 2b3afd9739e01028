"""Tests of `lib.contact`."""
