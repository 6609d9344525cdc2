"""What is stored of a buyer's review: where it was sold, how it came in, what it says."""

from .columns import RememberedColumns
from .imports import ImportBatch, ImportPart, ImportRejection, StagedRow
from .learning import CauseDecision, ChampionChange, ClassifierVersion, FittingRun, TagRefresh
from .push import PushAnswer, PushToken
from .review import Review, ReviewCause, ReviewRevision
from .searching import SearchEntry
from .shop import Order, Platform, Product, Shop, shops_of
from .vocabulary import PhraseChange, ShopPhrase

__all__ = [
    "CauseDecision",
    "ChampionChange",
    "ClassifierVersion",
    "FittingRun",
    "ImportBatch",
    "ImportPart",
    "ImportRejection",
    "Order",
    "PhraseChange",
    "Platform",
    "Product",
    "PushAnswer",
    "PushToken",
    "RememberedColumns",
    "Review",
    "ReviewCause",
    "ReviewRevision",
    "SearchEntry",
    "Shop",
    "ShopPhrase",
    "StagedRow",
    "TagRefresh",
    "shops_of",
]
