"""``python -m ai_engine``."""

import sys

from ai_engine.server import main

sys.exit(main())
