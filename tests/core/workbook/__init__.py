"""Tests of `lib.workbook`."""
