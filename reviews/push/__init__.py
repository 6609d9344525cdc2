"""Reviews handed in by programs: an ERP or a plug-in pushes them as they appear, and they take the way of a file."""
