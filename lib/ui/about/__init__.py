"""The pieces of the about page and the help page."""
