"""The steps, numbered; each names the one before it in ``down_revision``. There is no way back: restore a
backup."""
