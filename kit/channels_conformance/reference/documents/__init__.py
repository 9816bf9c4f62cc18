"""Documents that several people edit at once: whoever edits an old revision is told so, and nobody's work is lost."""
