"""A generator of executions: templates right and broken, what the cloud answers, what people say, and when.

An ``Author`` writes a ``Case`` by chance; the same seed writes the same one again. ``recorded`` runs it over a
recording of the world, in milliseconds; ``served`` runs many at once with the real server, worker and simulator.
Whatever is in a case, an execution comes to a final status or waits for somebody, and its record adds up.

A case that failed once stays in ``cases/`` and is run every time. ``python -m tests.generator`` runs one again and
makes it smaller (CONTRIBUTING.md, "The generator").
"""
