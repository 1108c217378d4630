"""Messages to people: what DingTalk wants to see in a message, and the activity that posts it."""
