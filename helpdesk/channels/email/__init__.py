"""E-mail: reading it, finding its ticket, and the doors it comes through."""
