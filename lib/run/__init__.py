"""The domain of a run: states, transitions, records, rules of time. Pure, no SQL."""
