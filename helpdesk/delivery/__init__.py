"""The only code that speaks to the outside: rows of the outbox go in, mail, text messages and calls come out, and what
became of them is written down.
"""
