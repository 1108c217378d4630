"""Large payloads: outside of the histories, there when they are needed, and gone when nobody needs them."""
