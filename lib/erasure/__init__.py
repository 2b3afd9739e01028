"""What is kept of people goes: by time, and by number."""
