"""Forms of the pages about reviews."""
