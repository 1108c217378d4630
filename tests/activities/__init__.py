"""Activities against real HTTP: the simulator, and sockets that misbehave."""
