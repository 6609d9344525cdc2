"""Django's formats for Chinese group digits by four and put nothing between them; figures of a shop have a comma."""

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
