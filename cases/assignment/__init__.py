"""Who works which case: the system hands out by skill, load and capacity; people claim, give away and give back."""

from .claiming import (
    AlreadyClaimed,
    NoRoom,
    NotOfTheShop,
    claim_case,
    claim_next,
    reassign_case,
    release_case,
)
from .duty import Spread, foresee_spread, set_duty, spread_cases
from .sharing import assign_cases, assign_waiting, lock_shops, place_reopened, share_out

__all__ = [
    "AlreadyClaimed",
    "NoRoom",
    "NotOfTheShop",
    "Spread",
    "assign_cases",
    "assign_waiting",
    "claim_case",
    "claim_next",
    "foresee_spread",
    "lock_shops",
    "place_reopened",
    "reassign_case",
    "release_case",
    "set_duty",
    "share_out",
    "spread_cases",
]
