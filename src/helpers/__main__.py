"""`python -m helpers VERB`, also `monitor VERB`."""

import sys

if __name__ == "__main__":
    # Imported here, so that the processes that run notebooks, which read this file too, do not wait
    # for every room.
    from helpers.cli import main

    sys.exit(main())
