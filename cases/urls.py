"""Addresses of the desk, the statistics and the team."""

from django.urls import path

from cases.views import statistics, team

app_name = "cases"

urlpatterns = [
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics/causes.csv", statistics.statistics_csv, name="statistics_csv"),
    path("team/", team.team, name="team"),
    path("team/reassign/", team.reassign, name="reassign"),
    path("team/duty/", team.team_duty, name="team_duty"),
]
