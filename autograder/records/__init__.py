"""What was found about an attempt: its record, what it is filed under, and what people decided about it."""
