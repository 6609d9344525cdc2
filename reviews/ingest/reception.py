"""The way in: a file becomes a batch and is queued, and so is what a person decides about it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reviewdesk.access import Role, has_role
from reviewdesk.uploads import is_disk_full
from reviews.models import ImportBatch, ImportPart, Shop

from .errors import NoRoom, UndoRefused, UnreadableFile
from .keeping import keep
from .reading.presets import kind_of, recognise_columns
from .reading.remembering import remember_columns, remembered_columns
from .running import queue_import
from .staging import discard_staged, forget_given_up
from .storing.coverage import Claim, withdraw_claim
from .storing.undoing import obstacles_to_undo

Source = ImportBatch.Source
Status = ImportBatch.Status


def receive_file(
    *,
    shop: Shop,
    file: File[Any],
    uploaded_by: User | None = None,
    source: ImportBatch.Source = Source.UPLOAD,
    wishes: Mapping[str, Any] | None = None,
) -> ImportBatch:
    """Store `file` as a batch that nobody has looked at yet; what comes of a person must be confirmed before it counts.

    `wishes` may name the `encoding` and the `preset` to read it with, and the days that it covers (`covers_from` and
    `covers_to`, dates). Raises UnreadableFile when it is empty, and NoRoom where the disk is full.
    """
    if not file.size:
        raise UnreadableFile(_("The file is empty. Export it again and check that it has rows."))
    batch = ImportBatch(
        shop=shop,
        uploaded_by=uploaded_by,
        source=source,
        is_confirmed=source != Source.UPLOAD,
        file_name=(file.name or "").replace("\\", "/").rpartition("/")[2][-255:],
        file_bytes=file.size,
        digest=_digest(file.chunks()),
        beat_at=timezone.now(),
        **(wishes or {}),
    )
    file.seek(0)
    _store(batch, file)
    return batch


def _store(batch: ImportBatch, file: File[Any]) -> None:
    """Save `batch` with its file, or nothing of either."""
    try:
        keep(batch.file, file)
        batch.save()
    except OSError as error:
        if not is_disk_full(error):
            raise
        raise NoRoom(
            _("There is no room for “%(file)s” on the disk of the server. Tell whoever runs it, then upload it again.")
            % {"file": batch.file_name}
        ) from error
    except DatabaseError:
        batch.file.delete(save=False)
        raise


def _digest(blocks: Iterable[bytes]) -> str:
    sha = hashlib.sha256()
    for block in blocks:
        sha.update(block)
    return sha.hexdigest()


@transaction.atomic
def choose_columns(
    batch: ImportBatch,
    mapping: Mapping[str, int],
    *,
    is_confirmed: bool,
    actor: User | None = None,
    claim: Claim | None = None,
) -> bool:
    """Use `mapping` (field name -> column index) for a batch that waits, and store it, if `is_confirmed`.

    `claim` are the days that the file covers, as `coverage.check_claim` lets them pass. With other columns than before
    the file is read anew, and the next one with these headings will be read that way. False when somebody else has just
    decided.
    """
    waiting = _locked(batch, Status.READY)
    if waiting is None:
        return False
    is_read = waiting.forecast and waiting.mapping == dict(mapping)
    if not is_read:
        discard_staged(waiting)
        waiting.refresh_from_db()
    waiting.mapping, waiting.kind, waiting.is_confirmed = dict(mapping), kind_of(mapping), is_confirmed
    waiting.covers_from, waiting.covers_to = claim or (None, None)
    waiting.save(update_fields=["mapping", "kind", "is_confirmed", "covers_from", "covers_to"])
    known = remembered_columns(waiting.shop, waiting.headings) or recognise_columns(waiting.headings).mapping
    if mapping != known:
        remember_columns(batch=waiting, actor=actor, now=timezone.now())
    if not is_read or is_confirmed:
        _resume(waiting, Status.STAGING)
    return True


@transaction.atomic
def go_on(batch: ImportBatch) -> bool:
    """Take up an import that failed where it stopped. False when that cannot be, or somebody else just did."""
    failed = _locked(batch, Status.FAILED)
    if failed is None or not failed.failed_during:
        return False
    _resume(failed, failed.failed_during, error="", failed_during="", finished_at=None)
    return True


def discard(batch: ImportBatch, actor: User | None = None) -> bool:
    """Give up an import of which nothing was stored. False when it is too late for that."""
    with transaction.atomic():
        # Of a failed one a worker may still be storing a part: that is waited for. What is being read needs no wait.
        given_up = _locked(batch, Status.FAILED) or _locked(
            batch, Status.RECEIVED, Status.STAGING, Status.READY, is_waited_for=False
        )
        if given_up is None or given_up.failed_during == Status.UNDOING:
            return False
        if given_up.parts.filter(state=ImportPart.State.MERGED).exists():
            return False
        withdraw_claim(given_up)
        ImportBatch.objects.filter(pk=batch.pk).update(
            status=Status.DISCARDED, finished_at=timezone.now(), discarded_by=actor
        )
    forget_given_up(batch)
    return True


@transaction.atomic
def request_undo(batch: ImportBatch, actor: User) -> bool:
    """Have what `batch` stored taken back. False when there is nothing (any more), or somebody else just asked.

    Raises UndoRefused while something stands in the way, and PermissionDenied for all but admins.
    """
    if not has_role(actor, Role.ADMIN):
        raise PermissionDenied
    stored = _locked(batch, Status.DONE, Status.FAILED)
    if stored is None or not stored.is_undoable:
        return False
    if obstacles := obstacles_to_undo(stored):
        raise UndoRefused(obstacles)
    ImportBatch.objects.filter(pk=batch.pk).update(
        status=Status.UNDOING, undone_by=actor, error="", failed_during="", beat_at=timezone.now()
    )
    queue_import(batch.pk)
    return True


def _locked(batch: ImportBatch, *statuses: str, is_waited_for: bool = True) -> ImportBatch | None:
    """The import, if it is in one of `statuses`; with `is_waited_for`, once no worker is at a part of it."""
    locked = ImportBatch.objects.select_for_update(no_key=not is_waited_for)
    return locked.filter(pk=batch.pk, status__in=statuses).first()


def _resume(batch: ImportBatch, status: str, **changes: Any) -> None:
    now = timezone.now()
    pace = {"phase_at": now, "phase_rows": batch.rows_done(status)}
    ImportBatch.objects.filter(pk=batch.pk).update(status=status, started_at=now, beat_at=now, **pace, **changes)
    queue_import(batch.pk)
