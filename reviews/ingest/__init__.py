"""How an export comes in: file -> records -> typed rows -> staging -> reviews, each step restartable and exact."""
