"""The cabinet: a customer's own requests, as the customer may see them. Never a note, never an address of the staff."""
