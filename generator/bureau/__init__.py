"""The bureau's year: hand out blanks, collect and build all units, show who is missing. Every unit goes through generator.run."""
