"""python -m tools.build_corpus: see build.py."""

import sys

from .build import main

sys.exit(main())
