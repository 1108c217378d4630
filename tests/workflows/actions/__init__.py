"""The actions on a real Temporal server: timers, messages, mails and requests."""
