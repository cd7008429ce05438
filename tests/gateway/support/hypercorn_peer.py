"""An app behind Hypercorn, for the gateway's tests: `hypercorn_peer.py SOCKET`."""

import asyncio
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config

GO = asyncio.Event()


async def whole_body(receive):
    body = b""
    while (message := await receive()).get("more_body", False):
        body += message["body"]
    return body + message.get("body", b"")


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        for done in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{done}.complete"})
        return

    async def head(status, **fields):
        headers = [(name.encode(), value.encode()) for name, value in fields.items()]
        await send({"type": "http.response.start", "status": status, "headers": headers})

    async def body(piece, more=False):
        await send({"type": "http.response.body", "body": piece, "more_body": more})

    match scope["path"]:
        case "/sized":
            await head(200, etag="x", **{"content-length": "5"})
            await body(b"sized")
        case "/stream":
            await head(200)
            await body(b"one", more=True)
            await GO.wait()
            await body(b"two", more=True)
            await body(b"")
        case "/go":
            GO.set()
            await head(204)
            await body(b"")
        case "/echo":
            told = await whole_body(receive)
            await head(200)
            await body(told)
        case "/refuse":
            await head(413, **{"content-length": "3"})
            await body(b"big")
        case "/breaks":
            await head(200)
            await body(b"half", more=True)
            raise RuntimeError("as told")


async def main():
    config = Config()
    config.bind = f"unix:{sys.argv[1]}"
    config.errorlog = None
    await serve(app, config)


asyncio.run(main())
