"""AI Engine's own engine: HTTP/1.1 on a Unix socket; it knows nothing of its supervisor."""
