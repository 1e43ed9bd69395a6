"""After `kill -9` in the middle of `up`: the engine has a stale lock and resources it created but never recorded."""
