"""Reviews as other authors write them, each with what a reader would take from it, and the measure of how much arrives.

`NAME.md` is the report. `NAME.expected` says a finding a line, `P0 | title | path:12-40, path`, in the report's order;
`?path` may be named or not. `items 13 ticked 2` and `costs 4` count the plan and the rows of the first cost table.
"""
