"""What belongs to no app: where to start, signing in, and whether all is well."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from reviewdesk import queue
from reviewdesk.access import Role, role_of

START_PAGES = {Role.AGENT: "cases:desk", Role.SUPERVISOR: "cases:statistics", Role.ADMIN: "reviews:imports"}


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """An agent starts at the desk, a supervisor at statistics, an admin at imports."""
    role = role_of(request.user)
    if role is None:
        raise PermissionDenied
    return redirect(START_PAGES[role])


class SignInView(LoginView):
    template_name = "registration/login.html"
    redirect_authenticated_user = True

    def get_redirect_url(self) -> str:  # type: ignore[override]
        """The page asked for, but never this one: that would lead in a circle."""
        wanted = super().get_redirect_url()
        return "" if wanted.partition("?")[0] == self.request.path else wanted


@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """State of what the product runs on, for a load balancer: 200 when all is well, else 503."""
    state: dict[str, object] = {"database": False, "migrations": False, "redis": False, "worker": False}
    state |= {"queue_depth": None, "oldest_job_seconds": None}
    try:
        executor = MigrationExecutor(connection)
        state["database"] = True
        state["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        pass
    try:
        queued = queue.state()
        state["redis"] = True
        state["worker"] = queued.workers > 0
        state["queue_depth"] = queued.waiting
        state["oldest_job_seconds"] = queued.oldest_waiting_seconds
    except queue.RedisError:
        pass
    is_well = all(state[part] for part in ("database", "migrations", "redis", "worker"))
    return JsonResponse({"status": "ok" if is_well else "failing", **state}, status=200 if is_well else 503)
