"""Loading: template text to plain values, with the line and column of every node.

``loader`` is the door. ``json_text`` and ``yaml_text`` read the two notations and tell a ``Builder`` what they meet, in
order and with its place; the builder holds the bounds and makes the value. So there is one pass over a text, one place
where keys, aliases and sizes are judged, and JSON and YAML can't differ in it.
"""

from caboose.oos.loading.loader import LINE_END, MAX_BYTES, MAX_DEPTH, MAX_NODES, Document, Mark, Path, load, too_large

__all__ = ["LINE_END", "MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Document", "Mark", "Path", "load", "too_large"]
