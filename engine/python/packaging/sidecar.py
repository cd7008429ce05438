"""What the packed engine runs.

The engine; with ``--model`` the process of one of its models; with ``--check`` a proof that all it
needs loads.
"""

import sys

if sys.argv[1:2] == ["--model"]:
    from ai_engine.models import model_process

    sys.exit(model_process.main(sys.argv[2:]))

from ai_engine.server import main

if sys.argv[1:] == ["--check"]:
    import xllamacpp  # noqa: F401  (the engine itself imports it with the first model)

    print("ok")
    sys.exit(0)
sys.exit(main())
