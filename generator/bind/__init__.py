"""From cells to facts: which sheet is which, which column is which, what each cell says. Nothing is taken for 0 in silence."""
