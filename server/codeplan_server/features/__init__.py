"""One file a command or method. Each takes what it needs from the session when its message is read,
and gives the result or an awaitable of it."""
