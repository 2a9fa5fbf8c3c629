"""How a chain and what came out of it are shown."""
