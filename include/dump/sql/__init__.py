"""Reading the definition of a table: tokens, then grammar, then one canonical way to write it."""
