"""OpenAI's own client for Python, unmodified; prints as JSON what it got from the program at URL.

    python openai_client.py URL MODEL
"""

import io
import json
import sys

import openai

URL, MODEL = sys.argv[1:]
client = openai.OpenAI(base_url=f"{URL}/v1", api_key="none", max_retries=0)


def chat(content, **more):
    messages = [{"role": "user", "content": content}]
    return client.chat.completions.create(**{"model": MODEL, "messages": messages, **more})


def failure(call):
    """The error that `call` raises, as far as it is the same each time."""
    try:
        call()
    except openai.APIStatusError as error:
        kind = type(error).__name__
        return [kind, error.status_code, error.code, error.param, error.body["message"]]
    except openai.APIError as error:
        return [type(error).__name__]
    return ["no error"]


def streamed():
    with chat("good day", stream=True) as stream:
        return [chunk.choices[0].delta.content or "" for chunk in stream]


def broken_off():
    """Leaves a stream that has no end."""
    with chat("endless", stream=True) as stream:
        return [chunk.choices[0].delta.content for _, chunk in zip(range(3), stream)]


got = {
    "models": [model.id for model in client.models.list()],
    "model": client.models.retrieve(MODEL.upper()).id,
    "unknown model to retrieve": failure(lambda: client.models.retrieve("a/b")),
    "unknown model": failure(lambda: chat("hello", model="gpt-4")),
    "chat": chat("hello").choices[0].message.content,
    "stream": streamed(),
    "embeddings": [
        one.embedding for one in client.embeddings.create(model=MODEL, input=["a", "bcd"]).data
    ],
    "transcription": client.audio.transcriptions.create(
        model=MODEL, file=("a.wav", io.BytesIO(bytes(300_000)))
    ).text[:3],
    "engine's own error": failure(lambda: chat("refuse")),
    "timeout": failure(lambda: chat("slow", timeout=0.3)),
    "aborted": broken_off(),
    "engine dies": failure(lambda: chat("die"))[:3],
    "after": chat("again").choices[0].message.content,
}
json.dump(got, sys.stdout)
