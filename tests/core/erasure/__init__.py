"""Tests of `lib.erasure`."""
