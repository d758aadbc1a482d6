"""The desk: where staff sees the queue, opens a ticket and acts on it."""
