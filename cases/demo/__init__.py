"""The demo: shops, people and exports to try the product with. Only where DEBUG is on."""
