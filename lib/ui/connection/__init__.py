"""The connection page's pieces."""
