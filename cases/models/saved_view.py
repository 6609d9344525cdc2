"""Filters of the desk that somebody keeps under a name, for themselves or for the teams of shops."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from reviews.models import Shop

LONGEST_NAME = 40


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def shown_to(self, user: User) -> SavedViewQuerySet:
        """The user's own in the order they chose, then what others share with the shops of the user, by name."""
        shops = Shop.objects.visible_to(user).order_by().values("pk")
        shared = SavedView.shops.through.objects.filter(shop__in=shops).values("savedview")
        place = Case(When(owner=user, then=F("position")), default=Value(None), output_field=models.IntegerField())
        return self.filter(Q(owner=user) | Q(pk__in=shared)).order_by(place.asc(nulls_last=True), "name", "pk")


class SavedView(models.Model):
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("owner"), db_index=False
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    query = models.CharField(max_length=500)
    """The filters as they stand in the address of the desk; see `cases.saved_views.query_of`."""
    position = models.PositiveSmallIntegerField(default=0)
    """Its place among those of its owner."""
    shops = models.ManyToManyField(Shop, blank=True, related_name="saved_views", verbose_name=_("shared with"))
    """Whose teams see it too; none for what a person keeps to themselves."""

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="a_view_of_its_owner_has_a_name_of_its_own")
        ]

    def __str__(self) -> str:
        return self.name
