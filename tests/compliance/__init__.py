"""Everything that a template can contain, as cases in YAML: a part of a template, a start, and what comes of it."""
