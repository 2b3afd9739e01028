"""The pieces of the pages about numbers and data."""
