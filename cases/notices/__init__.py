"""Telling people at once: in the page, and through robots of chat groups and webhooks."""
