"""Addresses of reviews and of their imports."""

from django.urls import path

from reviews.views import reviews

app_name = "reviews"

urlpatterns = [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/causes/", reviews.correct, name="correct_causes"),
]
