"""Every write of the human half, by noun."""
