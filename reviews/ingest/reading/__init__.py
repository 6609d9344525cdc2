"""From bytes to typed rows: what kind of file it is, what its columns mean, what its cells say."""
