"""The only code that speaks to the outside: rows of the outbox go in, mail comes out, and what became of it is written
down.
"""
