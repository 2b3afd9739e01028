"""Tests of `lib.reconcile`."""
