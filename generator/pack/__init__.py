"""What a bureau owns: tables, bindings, wording, code lists. Read once, checked once, then plain values."""
