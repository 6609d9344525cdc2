"""How sure the model must be of a cause before nobody has to look at it. Pure."""

CERTAIN_FROM = 0.6
"""Least probability at which a cause given by the model is shown as it is. Below, it is marked as uncertain and its
review joins the list to check. The index of such causes repeats the number: whoever changes it adds a migration."""
