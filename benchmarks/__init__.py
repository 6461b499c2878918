"""How fast it is, as tables of seconds and ratios measured in one run. `make bench`."""
