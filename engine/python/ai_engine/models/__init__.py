"""Models: which there are, loading them, and working with them off the event loop."""
