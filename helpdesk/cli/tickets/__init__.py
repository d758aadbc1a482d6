"""What `helpdesk ticket` prints: lists and single tickets as plain data, with the asker's rights."""
