"""Finding reviews by what they say, who wrote them, the order and the product."""
