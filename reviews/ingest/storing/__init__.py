"""From staged rows to what is stored: products, orders, reviews and their causes, and taking them back."""
