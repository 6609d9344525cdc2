"""What people may choose about notices, checked before it is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import NoticeChannel, NoticeChoice, NoticeKind
from cases.models.notice import supervised_shops
from cases.notices.addresses import AddressRefused, target_of
from reviews.filters import INPUT, SELECT
from reviews.models import Shop

CHECK = {"class": "form-check-input"}
QUIET = {**INPUT, "autocomplete": "off"}


class ChoiceForm(forms.ModelForm):
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Shown in the page"),
        choices=NoticeKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(CHECK),
    )

    class Meta:
        model = NoticeChoice
        fields = ["kinds", "minutes_before", "is_quiet_off_duty"]
        widgets = {"minutes_before": forms.NumberInput(INPUT), "is_quiet_off_duty": forms.CheckboxInput(CHECK)}


class ChannelForm(forms.ModelForm):
    """A channel, new or kept. What a kept one has as address and secret is never shown: left empty, it stays."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What is sent"), choices=NoticeKind.choices, widget=forms.CheckboxSelectMultiple(CHECK)
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=gettext_lazy("For"),
        required=False,
        empty_label=gettext_lazy("Only me"),
        widget=forms.Select(SELECT),
    )

    class Meta:
        model = NoticeChannel
        fields = ["name", "service", "shop", "address", "secret", "kinds", "language"]
        widgets = {
            "name": forms.TextInput(QUIET),
            "service": forms.Select(SELECT),
            "address": forms.TextInput({**QUIET, "inputmode": "url", "spellcheck": "false"}),
            "secret": forms.PasswordInput({**INPUT, "autocomplete": "new-password"}),
            "language": forms.Select(SELECT),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.kept = {"address": self.instance.address, "secret": self.instance.secret}
        if self.instance.pk:
            self.initial.update(address="", secret="")
            self.fields["address"].required = False
            del self.fields["service"], self.fields["shop"]
            return
        shops = self.fields["shop"]
        assert isinstance(shops, forms.ModelChoiceField)  # noqa: S101
        shops.queryset = supervised_shops(user)
        if not shops.queryset.exists():
            del self.fields["shop"]

    def clean(self) -> dict[str, Any]:
        cleaned = {**(super().clean() or {})}
        service = cleaned.get("service") or self.instance.service
        for name, kept in self.kept.items():
            cleaned[name] = (cleaned.get(name) or "").strip() or kept
        if cleaned["address"] and service and "address" not in self.errors:
            try:
                target_of(cleaned["address"], service, settings.NOTICE_TRUSTED_HOSTS)
            except AddressRefused as refusal:
                self.add_error("address", str(refusal))
        if service == NoticeChannel.Service.WEBHOOK and not cleaned["secret"]:
            self.add_error("secret", _("Give a secret: by it the receiver knows that a message is ours."))
        self._refuse_another_to(cleaned["address"], cleaned.get("shop") or self.instance.shop)
        return cleaned

    def _refuse_another_to(self, address: str, shop: Shop | None) -> None:
        """Everything would be told there twice, as after a form that was sent twice."""
        receiver = {"shop": shop} if shop else {"person": self.user}
        another = NoticeChannel.objects.filter(address=address, **receiver).exclude(pk=self.instance.pk).first()
        if another and address != self.kept["address"]:
            self.add_error("address", _("“%(name)s” sends there already.") % {"name": another.name})

    def save(self, commit: bool = True) -> NoticeChannel:
        channel: NoticeChannel = super().save(commit=False)
        if channel.shop is None:
            channel.person = self.user
        if commit:
            channel.save()
        return channel
