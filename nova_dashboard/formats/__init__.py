"""How dates and numbers look, by language: what the pages ask for by name, where Django has no such form."""
