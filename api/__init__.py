"""The HTTP API and the approval page: checks what comes in, asks Temporal and the store, and decides nothing itself."""
