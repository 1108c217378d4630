"""What several tests share: how to start the processes that they talk to."""
