"""What is stored of a buyer's review: where it was sold, how it came in, what it says."""

from .columns import RememberedColumns
from .imports import ImportBatch, ImportPart, ImportRejection, StagedRow
from .learning import CauseDecision, ChampionChange, ClassifierVersion, FittingRun, TagRefresh
from .push import PushAnswer, PushToken
from .review import Review, ReviewCause, ReviewRevision
from .searching import SearchEntry
from .shop import Order, Platform, Product, Shop, shops_of
from .totals import CauseCount, CauseTotal, RatingCount, RatingTotal, StaleDay
from .vocabulary import PhraseChange, ShopPhrase

__all__ = [
    "CauseCount",
    "CauseDecision",
    "CauseTotal",
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
    "RatingCount",
    "RatingTotal",
    "RememberedColumns",
    "Review",
    "ReviewCause",
    "ReviewRevision",
    "SearchEntry",
    "Shop",
    "ShopPhrase",
    "StagedRow",
    "StaleDay",
    "TagRefresh",
    "shops_of",
]
