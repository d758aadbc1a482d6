"""`python -m helpdesk.cli` is `helpdesk`."""

from helpdesk.cli import main

main()
