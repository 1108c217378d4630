"""Texts that tell time: durations, dates and schedules, as actions take them."""
