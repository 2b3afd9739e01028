"""The submit page's pieces."""
