"""The overview's pieces."""
