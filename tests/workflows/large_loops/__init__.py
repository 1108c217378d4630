"""Large loops: ``caboose.Loop``, a workflow of its own that goes on as new again and again."""
