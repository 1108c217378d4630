"""The interpreter: plain async code that runs a Plan over one small protocol, ``Effects``. Knows no Temporal.

``flow`` walks a body's tasks, ``tasks`` runs one of them, ``loop`` its items, ``actions`` what it does; ``state`` is
everything that is known of the run, ``decisions`` what a notification does to it, ``record`` what the world is told.
"""
