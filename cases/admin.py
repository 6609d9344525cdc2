"""What an admin keeps up by hand: people; and a look at what was recorded. Rules have pages of their own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, User
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.models import Agent, Case, CaseChange, ContactEntry
from cases.people import place_person
from reviewdesk.access import Role, role_of
from reviews.models import Shop


class ReadOnlyAdmin(admin.ModelAdmin):
    """Cases change at the desk only, where every change leaves its line of history."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class PlaceFields(forms.Form):
    """The role and the shops of a person."""

    role = forms.ChoiceField(label=_("role"), choices=Role.choices)
    shops = forms.ModelMultipleChoiceField(
        Shop.objects.all(), label=_("shops"), required=False, help_text=_("An admin sees every shop.")
    )


class NewPersonForm(AdminUserCreationForm, PlaceFields):
    pass


class PersonForm(UserChangeForm, PlaceFields):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = role_of(self.instance)
        self.initial.update(role=role.value if role else "", shops=self.instance.shops.all())


admin.site.site_header = admin.site.site_title = _("ReviewDesk settings")
admin.site.unregister(apps.get_model("django_rq", "Dashboard"))
admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People by role and shop; Django's groups and permissions stay behind the role.

    Nobody shuts themselves out: role and access of one's own account are for another admin to change.
    """

    form = PersonForm
    add_form = NewPersonForm
    list_display = ["username", "first_name", "role", "is_active"]
    list_filter = ["groups", "shops", "is_active"]
    fieldsets = [(None, {"fields": ["username", "password", "first_name", "role", "shops", "is_active"]})]
    add_fieldsets = [(None, {"fields": ["username", "first_name", "password1", "password2", "role", "shops"]})]
    filter_horizontal = ()
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return ["role", "is_active"] if obj == request.user else []

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return obj != request.user and super().has_delete_permission(request, obj)

    @admin.display(description=_("role"))
    def role(self, person: User) -> str:
        role = role_of(person)
        return str(role.label) if role else "–"

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # The form of one's own account does not ask for it, and whoever comes here is an admin.
        role = Role(form.cleaned_data.get("role", Role.ADMIN))
        place_person(form.instance, role=role, shops=form.cleaned_data["shops"])


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):
    """Skills and capacity are set on the team board, with their history."""

    fields = ["user", "is_on_duty"]
    list_display = ["user", "is_on_duty"]
    list_filter = ["is_on_duty", "user__shops"]
    list_select_related = ["user"]
    autocomplete_fields = ["user"]
    search_fields = ["user__username", "user__first_name", "user__last_name"]


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "shop", "state", "tier", "owner", "opened_at", "due_at", "outcome"]
    list_filter = ["shop", "state", "tier", "outcome"]
    list_select_related = ["shop", "owner"]
    search_fields = ["review__order_number", "review__buyer_name"]
    show_full_result_count = False


@admin.register(CaseChange)
class CaseChangeAdmin(ReadOnlyAdmin):
    list_display = ["case", "at", "kind", "actor", "comment"]
    list_filter = ["kind", "case__shop"]
    list_select_related = ["case", "actor"]
    search_fields = ["=case__pk"]
    show_full_result_count = False


@admin.register(ContactEntry)
class ContactEntryAdmin(ReadOnlyAdmin):
    list_display = ["case", "at", "actor", "direction", "channel", "result", "said", "next_contact_at"]
    list_filter = ["channel", "result", "case__shop"]
    list_select_related = ["case", "actor"]
    search_fields = ["=case__pk", "said"]
    show_full_result_count = False
