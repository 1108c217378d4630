"""The simulator is judged by the clients that use it: the official SDK and plain HTTP."""
