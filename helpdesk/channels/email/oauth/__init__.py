"""Signing a mailbox in at its provider instead of with a password (OAuth 2.0, RFC 6749; XOAUTH2 at the mail server).

`providers` knows where each one is asked, `flows` speaks with them, `tokens` keeps what they gave and renews it,
`lending` gives it to who sends mail.
"""
