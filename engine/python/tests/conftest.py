"""Before anything is loaded: threads that spin are slow where others work too."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
