"""Pictures of every page, taken in a real browser from the practice platform: to be looked at, and for .images/."""
