"""People: customers and staff, their addresses, companies, groups and roles, and how they prove who they are."""
