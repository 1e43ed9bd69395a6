"""The typed configuration: parsed once, with every impossible pair refused. It loads no SDK."""
