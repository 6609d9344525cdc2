"""The rules a shop works by, as its supervisors write them: tiers, limits, hours, remedy standards, playbooks."""
