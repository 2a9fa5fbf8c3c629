"""What is asked of a chain: scenarios compared, replicated until the answer is sound, and kept."""
