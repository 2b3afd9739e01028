"""What the pieces of several pages share."""
