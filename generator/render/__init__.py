"""Tables and sentences onto paper: the emitted workbook, the Word explanation, the blank master. No figure is computed here."""
