"""Reviews drawn from a grammar of forms, whose findings are known: the parser has to be right on every form."""
