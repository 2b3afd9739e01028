"""The limited process that parses workbooks.

Empty on purpose: the child must not load pandas, and whatever stood here it would load.
"""
