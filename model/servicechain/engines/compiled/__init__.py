"""The compiled engine: the meaning of the reference engine, for studies."""
