"""The evidence for a report of malice: everything the desk knows of a case, in one archive with its check sums."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import datetime
from typing import IO

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.template.loader import render_to_string

from cases import history
from cases.buyers import order_of
from cases.flow import lock_case, may_work
from cases.models import Case, CaseChange, ContactAttachment
from cases.risk import POINTS, Signal

PAGE = "evidence.html"
SUMS = "sha256.json"
AT_ONCE = 1 << 20
"""Bytes of an attachment that are held in memory."""


@transaction.atomic
def collect_evidence(*, case: Case, actor: User, now: datetime, file: IO[bytes]) -> CaseChange:
    """Write a zip archive to `file`: a page to print, the attachments as stored, and the SHA-256 of each.

    History keeps who collected it, and the SHA-256 of the list of sums. Raises PermissionDenied unless `actor` may
    work the case; it may be closed.
    """
    lock_case(case)
    if not may_work(case, actor):
        raise PermissionDenied
    attachments = list(ContactAttachment.objects.filter(entry__case=case).select_related("entry").order_by("pk"))
    sums: dict[str, str] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for attachment in attachments:
            name = attachment_name(attachment)
            sums[name] = _add(archive, name, attachment)
        page = evidence_page(case, attachments, now).encode()
        sums[PAGE] = hashlib.sha256(page).hexdigest()
        archive.writestr(PAGE, page)
        listed = json.dumps(sums, indent=2, sort_keys=True).encode()
        archive.writestr(SUMS, listed)
    changes: history.Changes = {"attachments": ["", len(attachments)]}
    digest = hashlib.sha256(listed).hexdigest()
    kind = CaseChange.Kind.EVIDENCE
    return history.record(case=case, kind=kind, actor=actor, now=now, changes=changes, comment=f"SHA-256 {digest}")


def evidence_page(case: Case, attachments: list[ContactAttachment], now: datetime) -> str:
    """What is known of the case on one page, without scripts or anything to load."""
    names: dict[int, list[tuple[str, str]]] = {}
    for attachment in attachments:
        names.setdefault(attachment.entry_id, []).append((attachment_name(attachment), attachment.sha256))
    contacts = case.contacts.select_related("actor").order_by("at", "pk")
    context = {
        "case": case,
        "review": case.review,
        "order": order_of(case.review),
        "revisions": case.review.revisions.order_by("recorded_at", "pk"),
        "risk_reasons": [(Signal(code).label, POINTS[Signal(code)]) for code in case.risk_reasons],
        "contacts": [(entry, names.get(entry.pk, [])) for entry in contacts],
        "remedies": case.remedies.order_by("agreed_at"),
        "changes": case.changes.select_related("actor").order_by("at", "pk"),
        "now": now,
    }
    return render_to_string("cases/evidence.html", context)


def attachment_name(attachment: ContactAttachment) -> str:
    """Its name in the archive: nothing of the sender's name, which may hold anything."""
    return f"attachments/{attachment.pk}{attachment.suffix}"


def _add(archive: zipfile.ZipFile, name: str, attachment: ContactAttachment) -> str:
    digest = hashlib.sha256()
    with attachment.file.open("rb") as stored, archive.open(name, "w", force_zip64=True) as target:
        while part := stored.read(AT_ONCE):
            digest.update(part)
            target.write(part)
    return digest.hexdigest()
