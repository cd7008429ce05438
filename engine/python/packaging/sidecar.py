"""What the packed engine runs: the engine, or with ``--check`` a proof that all it needs loads."""

import sys

from ai_engine.server import main

if sys.argv[1:] == ["--check"]:
    import xllamacpp  # noqa: F401  (the engine itself imports it with the first model)

    print("ok")
    sys.exit(0)
sys.exit(main())
