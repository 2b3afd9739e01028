"""Tests of `lib.validation`."""
