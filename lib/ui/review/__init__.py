"""The review page's pieces."""
