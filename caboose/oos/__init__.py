"""The OOS template language, pure: text in, plan and problems out. No I/O, no clock, no Temporal."""
