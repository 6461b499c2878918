"""A scan of a path, as a command of its own: no database, no pages, none of the packages they need, so it starts at
once and runs where nothing else of Nova does.
"""
