"""Attribution for the compiled engine: every minute a customer waits goes to whoever causes it, at every instant."""
