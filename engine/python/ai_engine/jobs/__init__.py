"""Work in the background: many inputs embedded in one go, results in a file."""
