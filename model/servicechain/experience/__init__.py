"""What customers make of their wait."""
