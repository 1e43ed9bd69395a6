"""Durations as external-secrets keeps them."""

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def canonical_duration(text: str) -> str:
    """A duration (`forms.DURATION`) as Go writes it: `1h` becomes `1h0m0s`.

    external-secrets writes a resource back at its first reconcile, and with it every duration in this form. Any other
    form would be drift from then on.
    Source: Go, `time.Duration.String`.
    """
    minutes, seconds = divmod(int(text[:-1]) * _SECONDS[text[-1]], 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
