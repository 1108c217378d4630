"""The history of the schema, one file a step. A step that was released never changes."""
