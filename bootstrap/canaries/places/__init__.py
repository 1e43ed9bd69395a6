"""Where values could be. Each file knows one kind of place, and what shows that it was really read."""
