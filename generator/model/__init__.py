"""Plain values every stage shares: amounts, places, problems, tables, the master. Knows no file format."""
