"""Ids of the two components the measured contacts carry."""

PRODUCT = "5f0c8f5e-6d5a-4f43-9b5c-0a51b0c7a001"
DUE = "5f0c8f5e-6d5a-4f43-9b5c-0a51b0c7a002"
