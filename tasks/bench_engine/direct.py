"""llama.cpp called without an engine: reads `COUNT CALLERS CALLS` and writes milliseconds a call.

    python direct.py MODEL.gguf

The same context, batches and slots as the engine's, all else as xllamacpp has it.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import xllamacpp

from ai_engine.models.catalog import BOX_TOKENS
from ai_engine.models.model import SLOTS

TEXT = "Number {}: the quick brown fox jumps over the lazy dog near the river bank."

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.warmup = False
parameters.verbosity = 1
parameters.embedding = True
parameters.n_parallel = SLOTS
parameters.n_ctx = BOX_TOKENS * SLOTS
parameters.n_batch = parameters.n_ubatch = BOX_TOKENS
with TemporaryDirectory(dir="/tmp") as directory:
    parameters.hostnames = [str(Path(directory, "x.sock"))]
    server = xllamacpp.Server(parameters)
pool = ThreadPoolExecutor(64)


def embed(count: int) -> None:
    """One call with so many texts."""
    texts = [TEXT.format(number) for number in range(count)]
    answer = server.handle_embeddings({"input": texts, "encoding_format": "base64"})
    assert len(answer["data"]) == count


print("ready", flush=True)
for line in sys.stdin:
    count, callers, calls = map(int, line.split())

    def call(_: int, count: int = count, calls: int = calls) -> None:
        for _ in range(calls):
            embed(count)

    began = time.perf_counter()
    list(pool.map(call, range(callers)))
    print((time.perf_counter() - began) * 1000 / (callers * calls), flush=True)
