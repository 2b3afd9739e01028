"""The history page's pieces."""
