"""OpenAI's own client for Python in front of the model in the box; prints as JSON what came of it.

    python openai_embeddings.py URL MODEL
"""

import json
import sys

import openai

URL, MODEL = sys.argv[1:]
client = openai.OpenAI(base_url=f"{URL}/v1", api_key="none", max_retries=0)
TEXTS = ["A dog runs in the park.", "A puppy plays outside.", "Taxes are due in April."]


def embed(text, **more):
    return client.embeddings.create(**{"model": MODEL, "input": text, **more})


def failure(call):
    try:
        call()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code]
    return ["no error"]


def cosine(one, other):
    return sum(a * b for a, b in zip(one, other))


answer = embed(TEXTS)  # the client asks for base64 by itself
dog, puppy, taxes = [one.embedding for one in answer.data]
[as_floats] = embed(TEXTS[0], encoding_format="float").data
[short] = embed(TEXTS[0], dimensions=64).data
got = {
    "models": [model.id for model in client.models.list()],
    "dimensions": [len(dog), len(as_floats.embedding), len(short.embedding)],
    "float and base64 agree": cosine(dog, as_floats.embedding) > 0.9999,
    "alike before unlike": cosine(dog, puppy) > cosine(dog, taxes) + 0.2,
    "usage": answer.usage.prompt_tokens == answer.usage.total_tokens > 15,
    "not so many": failure(lambda: embed("a", dimensions=385)),
    "no text": failure(lambda: embed("")),
}
json.dump(got, sys.stdout)
