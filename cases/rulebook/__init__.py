"""The rules a shop works by, as its supervisors write them: tiers, limits, remedy standards, playbooks."""
