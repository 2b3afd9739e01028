"""The mapping page's pieces."""
