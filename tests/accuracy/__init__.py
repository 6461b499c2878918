"""How much the built-in rules find and how much of it is true, over a labelled corpus. `make accuracy` prints it.

A case is one small repository in one text file; `case.py` says how it is written.
"""
