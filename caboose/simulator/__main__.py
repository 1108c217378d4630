"""``python -m caboose.simulator``: the simulator as a process."""

import argparse
import logging

from caboose.simulator.app import create_app
from caboose.simulator.server import serve
from caboose.simulator.state import Options


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m caboose.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one; stdout tells which")
    parser.add_argument("--transition-seconds", type=float, default=1.0, help="how long Starting and Stopping last")
    parser.add_argument("--instances", type=int, default=0, help="how many instances there are at the start")
    parser.add_argument("--quiet", action="store_true", help="no line for each call")
    arguments = parser.parse_args()
    logging.basicConfig(
        level=logging.WARNING if arguments.quiet else logging.INFO, format="%(asctime)s simulator %(message)s"
    )
    options = Options(transition_seconds=arguments.transition_seconds, instances=arguments.instances)
    serve(create_app(options), arguments.host, arguments.port)


if __name__ == "__main__":
    main()
