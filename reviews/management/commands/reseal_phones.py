"""Seal every stored phone number anew with the first key of PHONE_KEYS, so that the older keys can be taken away."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewdesk.sealing import Unreadable, sealed_anew
from reviews.models import Order

AT_ONCE = 1_000


class Command(BaseCommand):
    help = "Seal stored phone numbers anew with the first key of PHONE_KEYS."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Exit 1 where a number could not be read: its key must not be taken away, or is gone already."""
        last = sealed = unreadable = 0
        while orders := list(Order.objects.filter(pk__gt=last).exclude(phone_sealed="").order_by("pk")[:AT_ONCE]):
            for order in orders:
                # An import or the purge may have been at the order meanwhile: then it needs nothing any more.
                same = Order.objects.filter(pk=order.pk, phone_sealed=order.phone_sealed)
                try:
                    sealed += same.update(phone_sealed=sealed_anew(order.phone_sealed))
                except Unreadable:
                    unreadable += 1
            last = orders[-1].pk
        self.stdout.write(ngettext("%(n)d number sealed anew.", "%(n)d numbers sealed anew.", sealed) % {"n": sealed})
        if unreadable:
            raise CommandError(_("%(n)d cannot be read with these keys.") % {"n": unreadable})
