"""All addresses. Together with settings.py the only place that names the apps."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from reviewdesk import views
from reviews.push.api import api

urlpatterns = [
    path("", views.start, name="start"),
    path("accounts/login/", views.SignInView.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("language/", set_language, name="set_language"),
    path("healthz", views.health, name="health"),
    path("admin/queue/", include("django_rq.urls")),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("", include("reviews.urls")),
    path("", include("cases.urls")),
]
