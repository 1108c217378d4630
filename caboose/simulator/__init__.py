"""The outside world on real HTTP: ECS, STS and a DingTalk group, with faults on demand and a log of every call.

Tests and the demo point the real clients here instead of patching our code: whatever passes has spoken the cloud's own
wire protocol, signature included. The simulator knows nothing of Caboose (import-linter holds that), so it can't be
kind to it. It is no emulator of everything: what it doesn't know it refuses by name instead of ignoring it.

It has no access control of its own; it listens on loopback and belongs to whoever started it.
"""
