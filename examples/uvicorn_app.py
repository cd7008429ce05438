"""The smallest ASGI application that AI Engine can run: it needs no package but its server."""

import json


async def app(scope, receive, send):
    """Answers every GET with JSON."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    # 404 to POST /stop says: end me by SIGTERM.
    status = 200 if scope["method"] == "GET" else 404
    body = json.dumps({"status": "ok", "path": scope["path"]}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
