"""Reading template text: what ``caboose.oos.loader`` is made of. Nobody else imports these modules.

``json_text`` and ``yaml_text`` read the two notations and tell a ``Builder`` what they meet, in order and with its
place; the builder holds the bounds and makes the value. So there is one pass over a text, one place where keys, aliases
and sizes are judged, and JSON and YAML can't differ in it.
"""
