"""What each precision of the model in the box costs."""

import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xllamacpp

CLS, SEP = 101, 102
LENGTHS = (5, 10, 20, 40, 80, 160, 254)


def measure(models: Mapping[str, Path]) -> None:
    """Print a row for each model; the first is what the others are compared with."""
    chance = random.Random(20261123)
    inputs = [[CLS, *(chance.randrange(1000, 30000) for _ in range(n)), SEP] for n in LENGTHS]
    exact: np.ndarray[Any, Any] | None = None
    print("| precision | MiB | least cosine | 12 tokens, ms | 7 texts, 583 tokens, ms |")
    print("| --- | --- | --- | --- | --- |")
    for name, path in models.items():
        server = load(path)
        vectors = np.array(
            [one["embedding"] for one in server.handle_embeddings({"input": inputs})["data"]]
        )
        exact = vectors if exact is None else exact
        least = float((vectors * exact).sum(axis=1).min())
        short = best_ms(lambda used=server: used.handle_embeddings({"input": inputs[1]}))
        all_ms = best_ms(lambda used=server: used.handle_embeddings({"input": inputs}))
        size = path.stat().st_size / 2**20
        print(f"| {name} | {size:.1f} | {least:.6f} | {short:.1f} | {all_ms:.0f} |", flush=True)


def load(path: Path) -> Any:
    """Load a model as the engine does."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.embedding = True
    parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = 1024, 512, 512
    parameters.n_parallel = 4
    parameters.warmup = False
    parameters.verbosity = -1
    parameters.hostnames = [str(path.with_suffix(".sock"))]
    return xllamacpp.Server(parameters)


def best_ms(work: Any) -> float:
    """Return the least of several times, in milliseconds."""
    times = []
    for _ in range(7):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times) * 1e3
