"""The upload page's pieces."""
