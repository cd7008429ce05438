"""What is run to build and to test the engine; no part of what is installed."""
