"""The shop's own words: the list, the test box, what buyers say, and the list as a file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reviewdesk.access import Role, SignedInRequest, named_pk, role_required
from reviews.forms.words import PhraseFileForm, PhraseFilterForm, SaidForm, WordingForm
from reviews.ingest.errors import UnreadableFile
from reviews.learning.champions import champion
from reviews.models import Shop, ShopPhrase
from reviews.period import Period
from reviews.vocabulary.effects import effect_of
from reviews.vocabulary.exchange import phrases_csv, receive_phrases
from reviews.vocabulary.keeping import add_phrase, change_phrase, switch_phrase
from reviews.vocabulary.matching import normal_form
from reviews.vocabulary.said import said_words
from reviews.vocabulary.wording import Wording

PHRASES_ON_A_PAGE = 50


@role_required(Role.ADMIN)
def words(request: SignedInRequest) -> HttpResponse:
    """The list and the form; with `text` in the address, the effect it would have. POST keeps it."""
    form = _wording_form(request, shop=request.GET.get("of"))
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            phrase = add_phrase(wording=form.wording, actor=request.user, now=now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, _("“%(phrase)s” is kept. It counts for reviews from now on.") % {"phrase": phrase}
            )
            return redirect("reviews:words")
    if _wants_effect_only(request):
        return render(request, "reviews/_word_effect.html", {"form": form, **_effect(form, now)})
    return render(
        request,
        "reviews/words.html",
        {"form": form, **_effect(form, now), **_list(request)},
        status=_status(request, form),
    )


@role_required(Role.ADMIN)
def phrase(request: SignedInRequest, pk: int) -> HttpResponse:
    """One phrase: change it, after a look at the effect, and who changed what."""
    kept = get_object_or_404(ShopPhrase.objects.select_related("shop", "created_by"), pk=pk)
    wording = Wording.of(kept)
    form = _wording_form(request, **{**wording.address_parameters, "shop": kept.shop_id})
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            changed = form.wording.switched(kept.is_active)
            change_phrase(phrase=kept, wording=changed, actor=request.user, now=now)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("“%(phrase)s” is changed.") % {"phrase": changed.text})
            return redirect(kept)
    if _wants_effect_only(request):
        return render(request, "reviews/_word_effect.html", {"form": form, "phrase": kept, **_effect(form, now)})
    context = {"form": form, "phrase": kept, **_effect(form, now), "changes": kept.changes.select_related("actor")}
    return render(request, "reviews/word.html", context, status=_status(request, form))


@role_required(Role.ADMIN)
@require_POST
def switch(request: SignedInRequest, pk: int) -> HttpResponse:
    """POST `active=1` or `active=0`."""
    kept = get_object_or_404(ShopPhrase, pk=pk)
    is_active = request.POST.get("active") == "1"
    switch_phrase(phrase=kept, is_active=is_active, actor=request.user, now=timezone.now())
    told = _("“%(phrase)s” is switched on.") if is_active else _("“%(phrase)s” is switched off.")
    messages.success(request, told % {"phrase": kept})
    return redirect("reviews:words")


@role_required(Role.ADMIN)
@require_safe
def said(request: SignedInRequest) -> HttpResponse:
    """Words typical of each cause; the words page loads it into itself."""
    form = SaidForm(request.GET or {"shop": "", "days": ""})
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        shop = form.cleaned_data["shop"]
        period = Period.of_days(form.cleaned_data["days"], timezone.localdate())
        context |= {"said": said_words(shop.pk if shop else None, period), "shop": shop}
    template = "reviews/_words_said.html" if request.htmx else "reviews/words_said.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=_status(request, form))


@role_required(Role.ADMIN)
@require_safe
def words_csv(request: SignedInRequest) -> HttpResponse:
    """The phrases kept for one shop (`of`), or for all shops."""
    of = named_pk(request.GET.get("of", ""))
    shop = None if of is None else get_object_or_404(Shop, pk=of)
    response = HttpResponse(phrases_csv(shop), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="words-{shop.code if shop else "all-shops"}.csv"'
    return response


@role_required(Role.ADMIN)
@require_POST
def read_words(request: SignedInRequest) -> HttpResponse:
    """Keep what an uploaded CSV says, and show the lines of which nothing was made."""
    form = PhraseFileForm(request.POST, request.FILES)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        file, shop = form.cleaned_data["file"], form.cleaned_data["shop"]
        try:
            context["received"] = receive_phrases(file=file, shop=shop, actor=request.user, now=timezone.now())
        except UnreadableFile as error:
            form.add_error("file", str(error))
    return render(request, "reviews/words_received.html", context, status=_status(request, form))


def _wording_form(request: HttpRequest, **initial: Any) -> WordingForm:
    if request.method == "POST":
        return WordingForm(request.POST)
    if "kind" in request.GET:
        return WordingForm(request.GET)
    # A word that buyers say comes with the shop where they say it, and nothing else is decided yet.
    return WordingForm(initial={**initial, **request.GET.dict()})


def _wants_effect_only(request: HttpRequest) -> bool:
    return bool(request.htmx) and request.method == "GET"  # type: ignore[attr-defined]


def _effect(form: WordingForm, now: datetime) -> dict[str, Any]:
    """What a valid form would change in stored reviews."""
    if not form.is_bound or not form.is_valid():
        return {}
    shop = form.wording.shop
    since = now - timedelta(days=form.cleaned_data["days"])
    effect = effect_of(form.wording.rule, shop_id=shop.pk if shop else None, since=since, classifier=champion())
    return {"wording": form.wording, "effect": effect, "is_too_slow": effect is None}


def _list(request: HttpRequest) -> dict[str, Any]:
    shops = list(Shop.objects.all())
    wanted = PhraseFilterForm(request.GET, shops=shops)
    page = Paginator(_matching(wanted), PHRASES_ON_A_PAGE).get_page(request.GET.get("page"))
    exported = next((shop for shop in shops if str(shop.pk) == wanted["of"].value()), None)
    return {"filter": wanted, "page": page, "file_form": PhraseFileForm(), "exported": exported}


def _matching(wanted: PhraseFilterForm) -> QuerySet[ShopPhrase]:
    phrases = ShopPhrase.objects.select_related("shop")
    if not wanted.is_valid():
        return phrases.none()
    find, of = normal_form(wanted.cleaned_data["find"]), wanted.cleaned_data["of"]
    if find:
        phrases = phrases.filter(Q(normal__contains=find) | Q(note__icontains=find))
    if of == PhraseFilterForm.ALL_SHOPS:
        return phrases.filter(shop=None)
    return phrases.filter(shop=int(of)) if of else phrases


def _status(request: HttpRequest, form: Any) -> int:
    """What was sent to be kept can be refused; a look at what it would do cannot."""
    return 422 if request.method == "POST" and form.errors else 200
