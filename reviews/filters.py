"""Forms that read filters from a page's address. All fields may be missing; only the user's shops can be named."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _

from reviewdesk.access import named_pk
from reviews.causes import TopCause, subs_of
from reviews.models import ImportBatch, Product, Review, Shop
from reviews.period import EARLIEST, LATEST
from reviews.search import PresenceFilter, RatingFilter, ReviewFilter

PRODUCTS_OFFERED = 300
"""A shop can have thousands of products; the rest are found by search and by the links of the statistics."""

INPUT = {"class": "form-control form-control-sm"}
SELECT = {"class": "form-select form-select-sm"}


class DayField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        bounds = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]
        widget = forms.DateInput(attrs={"type": "date", **INPUT}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, input_formats=["%Y-%m-%d"], validators=bounds, **kwargs)


class ShopFilterForm(forms.Form):
    """Shop, product and days: what lists and statistics have in common."""

    foreign: ClassVar[tuple[str, ...]] = ("shop", "product")
    """Fields that name an object; one the user may not see answers 404."""

    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, label=_("Shop"), empty_label=_("All shops"), widget=forms.Select(SELECT)
    )
    product = forms.ModelChoiceField(
        Product.objects.none(),
        required=False,
        label=_("Product"),
        empty_label=_("All products"),
        widget=forms.Select(SELECT),
    )

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data)
        # "from" is a keyword of Python, so it cannot be declared like the others.
        self.fields["from"] = DayField(label=_("From"))
        self.fields["to"] = DayField(label=_("To"))
        self.shops = list(Shop.objects.visible_to(user))
        self._choose("shop", Shop.objects.visible_to(user), self.shops)
        products = Product.objects.filter(shop__in=self.shops)
        shop, chosen = (named_pk(self.data.get(name, "")) for name in ("shop", "product"))
        offered = list((products if shop is None else products.filter(shop=shop))[:PRODUCTS_OFFERED])
        if chosen is not None and all(product.pk != chosen for product in offered):
            offered += products.filter(pk=chosen)
        self._choose("product", products, offered)

    def _choose(self, name: str, queryset: Any, offered: list[Any]) -> None:
        """Accept any of `queryset`, show `offered`."""
        field = cast(forms.ModelChoiceField, self.fields[name])
        field.queryset = queryset
        field.choices = [("", field.empty_label), *((each.pk, str(each)) for each in offered)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and first > last:
            self.add_error("to", _("The last day lies before the first."))
        return cleaned

    def refuse_foreign(self) -> None:
        """Raises Http404 where the address names an object the user may not see."""
        if any(name in self.errors for name in self.foreign):
            raise Http404


def cause_choices() -> list[tuple[Any, Any]]:
    """All causes as options of a select, grouped by the first level, which can itself be chosen."""
    groups: list[tuple[Any, Any]] = []
    for top in TopCause:
        if (subs := [(sub.value, sub.label) for sub in subs_of(top)]) == [(top.value, top.label)]:
            groups += subs
        else:
            groups.append((top.label, [(top.value, _("All of %(cause)s") % {"cause": top.label}), *subs]))
    return groups


class ReviewFilterForm(ShopFilterForm):
    """All filters of the list of reviews."""

    foreign: ClassVar[tuple[str, ...]] = ("shop", "product", "batch", "older", "newer")

    q = forms.CharField(
        required=False,
        max_length=100,
        label=_("Search"),
        widget=forms.TextInput(
            {**INPUT, "type": "search", "placeholder": _("Text, buyer, order or product"), "data-search": True}
        ),
    )
    negative = forms.TypedChoiceField(
        choices=[("", _("All reviews")), ("1", _("Negative")), ("0", _("Not negative"))],
        required=False,
        coerce=lambda value: value == "1",
        empty_value=None,
        label=_("Verdict"),
        widget=forms.Select(SELECT),
    )
    rating = forms.ChoiceField(
        choices=[("", _("All ratings")), *RatingFilter.CHOICES],
        required=False,
        label=_("Rating"),
        widget=forms.Select(SELECT),
    )
    cause = forms.ChoiceField(
        choices=lambda: [("", _("All causes")), *cause_choices()],
        required=False,
        label=_("Cause"),
        widget=forms.Select(SELECT),
    )
    primary = forms.ChoiceField(choices=[("1", "1")], required=False)
    uncertain = forms.ChoiceField(choices=[("1", "1")], required=False)
    not_seen = forms.ChoiceField(
        choices=[("", _("Seen or not")), *PresenceFilter.choices],
        required=False,
        label=_("Missing in an export"),
        widget=forms.Select(SELECT),
    )
    batch = forms.ModelChoiceField(ImportBatch.objects.none(), required=False, widget=forms.HiddenInput)
    older = forms.ModelChoiceField(Review.objects.none(), required=False, widget=forms.HiddenInput)
    newer = forms.ModelChoiceField(Review.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data, user=user)
        for name, model in (("batch", ImportBatch), ("older", Review), ("newer", Review)):
            cast(forms.ModelChoiceField, self.fields[name]).queryset = model._default_manager.filter(
                shop__in=self.shops
            )

    @property
    def filter_fields(self) -> list[forms.BoundField]:
        """Fields shown as they are; the others are check boxes or part of a link."""
        names = ("q", "shop", "product", "negative", "rating", "cause", "from", "to", "not_seen")
        return [self[name] for name in names]

    @property
    def wanted(self) -> ReviewFilter:
        """The filters of a valid form."""
        found = self.cleaned_data
        ids = {name: found[name].pk if found[name] else None for name in ("shop", "product", "batch")}
        return ReviewFilter(
            **ids,
            q=found["q"],
            negative=found["negative"],
            rating=found["rating"],
            cause=found["cause"],
            is_primary=bool(found["primary"]),
            first=found["from"],
            last=found["to"],
            is_uncertain=bool(found["uncertain"]),
            not_seen=found["not_seen"],
        )


class CheckFilterForm(ReviewFilterForm):
    """Filters of the list to check: what the list of reviews knows, less of it shown."""

    foreign = (*ReviewFilterForm.foreign, "decided")

    decided = forms.ModelChoiceField(Review.objects.none(), required=False, widget=forms.HiddenInput)
    """The review that was decided last: it is no longer in the list."""

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data, user=user)
        decided = Review.objects.filter(shop__in=self.shops).select_related("causes_decided_by", "product")
        cast(forms.ModelChoiceField, self.fields["decided"]).queryset = decided.prefetch_related("causes")

    @property
    def filter_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("shop", "cause", "from", "to")]
