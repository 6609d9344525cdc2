"""Addresses of reviews and of their imports."""

from django.urls import path

from reviews.views import check, deciding, imports, reviews

app_name = "reviews"

urlpatterns = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/causes/", deciding.correct, name="correct_causes"),
    path("reviews/<int:pk>/causes/take-back/", check.take_back_decision, name="take_back"),
    path("reviews/check/", check.check, name="check"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:pk>/", imports.import_, name="import"),
    path("imports/<int:pk>/confirm/", imports.confirm_import, name="confirm_import"),
    path("imports/<int:pk>/rejected.csv", imports.rejections, name="rejections"),
]
