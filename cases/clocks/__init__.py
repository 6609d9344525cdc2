"""The clocks of a case: how fast a shop wants to be, what the platforms grant, and what moves a deadline."""
