"""The REST API: a table of operations for each resource, one way to answer them, and a description made of both."""
