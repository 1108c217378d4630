"""``python -m caboose.cli``: the program without its entry point installed."""

from caboose.cli import main

main()
