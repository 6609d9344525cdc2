"""Shops, what they sell, and the orders that reviews refer to."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from reviewdesk.access import Role, has_role


class Platform(models.TextChoices):
    TAOBAO = "taobao", _("Taobao")
    TMALL = "tmall", _("Tmall")
    JD = "jd", _("JD")
    PDD = "pdd", _("Pinduoduo")
    DOUYIN = "douyin", _("Douyin")
    KUAISHOU = "kuaishou", _("Kuaishou")
    OTHER = "other", _("Other platform")


class ShopQuerySet(models.QuerySet["Shop"]):
    def visible_to(self, user: User | AnonymousUser) -> ShopQuerySet:
        """All shops for an admin, else those the user is a member of."""
        if has_role(user, Role.ADMIN):
            return self
        return self.filter(members=user.pk)


class Shop(models.Model):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    platform = models.CharField(_("platform"), max_length=10, choices=Platform)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="shops", blank=True, verbose_name=_("members")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ShopQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("shop")
        verbose_name_plural = _("shops")

    def __str__(self) -> str:
        return self.name


def shops_of(user: User) -> dict[int, Shop]:
    """The shops that `user` may see, by id, in the order of their names. Asked of the database once per user object."""
    if not hasattr(user, "_shops"):
        user._shops = {shop.pk: shop for shop in Shop.objects.visible_to(user)}  # type: ignore[attr-defined]
    return user._shops  # type: ignore[attr-defined]


class Product(models.Model):
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="products", verbose_name=_("shop"))
    title = models.CharField(_("title"), max_length=300)
    item_id = models.CharField(_("platform item id"), max_length=40, blank=True)
    is_promoted = models.BooleanField(_("promoted"), default=False)
    line = models.CharField(
        _("product line"),
        max_length=60,
        blank=True,
        db_default="",
        help_text=_("Cases of a line go to agents who know it; a product without a line is anybody's."),
    )
    is_line_chosen = models.BooleanField(
        _("line chosen by a person"),
        default=False,
        db_default=False,
        help_text=_("Then imports leave it alone, an empty one too; take the mark off to let them fill it again."),
    )

    class Meta:
        ordering = ["title"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [models.UniqueConstraint(fields=["shop", "title"], name="product_is_unique_in_shop")]

    def __str__(self) -> str:
        return self.title


class OrderFacts(models.Model):
    """What an export may tell of an order; every fact may be missing. Amounts are in yuan."""

    amount = models.DecimalField(_("amount paid"), max_digits=12, decimal_places=2, null=True, blank=True)
    postage = models.DecimalField(_("postage"), max_digits=12, decimal_places=2, null=True, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), null=True, blank=True)
    courier_company = models.CharField(_("courier"), max_length=60, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=60, blank=True)
    receiver_region = models.CharField(_("region"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    ordered_at = models.DateTimeField(_("ordered"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    """When the buyer had received it: from then on the platform's virtual phone number lives for some days."""
    shipping_way = models.CharField(_("shipping way"), max_length=60, blank=True)
    """What the buyer chose, such as express or EMS; the courier is who carried it."""

    class Meta:
        abstract = True


class Order(OrderFacts):
    """An order as far as imports have told of it. Its keys to shop and import are like those of a review."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="orders", db_index=False, db_constraint=False)
    number = models.CharField(_("order number"), max_length=40)
    buyer_name = models.CharField(_("buyer"), max_length=100, blank=True)
    batch = models.ForeignKey(
        "reviews.ImportBatch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="created_orders",
        db_index=False,
        db_constraint=False,
    )
    """The import that told of it first; null for those of earlier releases."""
    phone_sealed = models.TextField(blank=True, default="", db_default="")
    """The whole number, of which `phone` is the mask; "" where none was told, or its time is over."""

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [models.UniqueConstraint(fields=["shop", "number"], name="order_is_unique_in_shop")]
        indexes = [
            BrinIndex(fields=["batch"], name="order_by_import", autosummarize=True),
            models.Index(fields=["shop", "buyer_name"], name="order_by_buyer"),
        ]

    def __str__(self) -> str:
        return self.number
