"""What an admin keeps up by hand: shops with their people, and which products are promoted."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reviews.models import Product, Shop


@admin.register(Shop)
class ShopAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "platform", "member_count"]
    list_filter = ["platform"]
    search_fields = ["name", "code"]
    filter_horizontal = ["members"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        return super().get_queryset(request).annotate(member_count=Count("members"))

    @admin.display(description=_("members"), ordering="member_count")
    def member_count(self, shop: Shop) -> int:
        return shop.member_count  # type: ignore[attr-defined]


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """Products come with imports; here they are marked as promoted and put into lines, which then no import changes."""

    list_display = ["title", "shop", "item_id", "line", "is_line_chosen", "is_promoted"]
    list_editable = ["line", "is_promoted"]
    list_filter = ["shop", "is_promoted", "line"]
    list_select_related = ["shop"]
    search_fields = ["title", "item_id"]
    readonly_fields = ["shop", "title", "item_id"]

    def save_model(self, request: HttpRequest, obj: Product, form: ModelForm, change: bool) -> None:
        if "line" in form.changed_data:
            obj.is_line_chosen = True
        super().save_model(request, obj, form, change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        return False
