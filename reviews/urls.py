"""Addresses of reviews and of their imports."""

from django.urls import path

from reviews.views import check, deciding, importing, imports, model, push, reviews, sighting, words

app_name = "reviews"

urlpatterns = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/causes/", deciding.correct, name="correct_causes"),
    path("reviews/<int:pk>/causes/take-back/", check.take_back_decision, name="take_back"),
    path("reviews/<int:pk>/sighting/", sighting.sighting, name="sighting"),
    path("reviews/check/", check.check, name="check"),
    path("model/", model.model, name="model"),
    path("model/fit/", model.fit, name="fit_model"),
    path("model/choose/", model.choose, name="choose_model"),
    path("model/refresh/", model.refresh, name="refresh_tags"),
    path("words/", words.words, name="words"),
    path("words/said/", words.said, name="words_said"),
    path("words/words.csv", words.words_csv, name="words_csv"),
    path("words/read/", words.read_words, name="read_words"),
    path("words/<int:pk>/", words.phrase, name="phrase"),
    path("words/<int:pk>/switch/", words.switch, name="switch_phrase"),
    path("imports/", imports.imports, name="imports"),
    path("imports/push/", push.push, name="push"),
    path("imports/push/<int:pk>/revoke/", push.revoke, name="revoke_token"),
    path("imports/<int:pk>/", importing.import_, name="import"),
    path("imports/<int:pk>/confirm/", importing.confirm_import, name="confirm_import"),
    path("imports/<int:pk>/go-on/", importing.go_on, name="go_on"),
    path("imports/<int:pk>/discard/", importing.discard, name="discard"),
    path("imports/<int:pk>/undo/", importing.undo, name="undo"),
    path("imports/<int:pk>/rejected.csv", importing.rejections, name="rejections"),
]
