"""The record: tickets, what was said and done, and who may see it. Knows no Flask and no channel."""
