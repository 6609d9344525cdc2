"""What is kept of a buyer for the work: the phone number, notes for the next talk, and how both end."""
