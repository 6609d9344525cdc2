"""An uploaded export on its way in: the batch, its staged rows, and the rows that were refused."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reviewdesk.access import Role, has_role

from .review import ReviewText
from .shop import OrderFacts, Shop


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User | AnonymousUser) -> ImportBatchQuerySet:
        """All imports for an admin, else those of the user's shops."""
        if has_role(user, Role.ADMIN):
            return self
        return self.filter(shop__members=user.pk)


class ImportBatch(models.Model):
    """One file and what became of it. Once done, rows = created + updated + unchanged + rejected."""

    class Kind(models.TextChoices):
        REVIEWS = "reviews", _("Reviews")
        ORDERS = "orders", _("Orders")

    class Source(models.TextChoices):
        UPLOAD = "upload", _("Uploaded")
        COMMAND = "command", _("Command line")
        PUSH = "push", _("Pushed")

    class Status(models.TextChoices):
        RECEIVED = "received", _("Looking at the file")
        STAGING = "staging", _("Reading the file")
        READY = "ready", _("Waiting for confirmation")
        MERGING = "merging", _("Storing and classifying")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        DISCARDED = "discarded", _("Discarded")
        UNDOING = "undoing", _("Taking back what was stored")
        UNDONE = "undone", _("Undone")

    RUNNING = (Status.RECEIVED, Status.STAGING, Status.MERGING, Status.UNDOING)

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="imports", verbose_name=_("shop"))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.REVIEWS)
    source = models.CharField(_("source"), max_length=7, choices=Source, default=Source.UPLOAD)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m/")
    """As it came; empty once it was deleted, see `ingest.forgetting`."""
    table = models.FileField(upload_to="imports/%Y/%m/", blank=True)
    """The same as one CSV in UTF-8, where `file` is no delimited text that is read as it stands."""
    upload = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="other_tables")
    """The import of the first table of an upload that holds several; null there, and where the upload is one table."""
    file_name = models.CharField(_("file"), max_length=255)
    file_bytes = models.BigIntegerField(_("size"))
    digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of `file`, in hexadecimal."""
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED)
    is_confirmed = models.BooleanField(default=False)
    """Whether what was read may be stored; commands and pushes are confirmed from the start."""
    failed_during = models.CharField(max_length=10, choices=Status, blank=True)
    """Where “Go on” goes on; empty where nothing can."""
    error = models.TextField(_("reason"), blank=True)

    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    """Until the layout is recognised: the one the user named, or nothing."""
    delimiter = models.CharField(max_length=1, blank=True)
    heading_line = models.PositiveIntegerField(default=1)
    """Line of the file, counted from 1, that holds the headings."""
    headings = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    """Field name -> index of its column."""
    preset = models.CharField(max_length=40, blank=True)
    """Until the columns are recognised: the one the user named, or nothing."""

    reading = models.CharField(max_length=16, blank=True)
    """Names the code that reads it; see `recognition.reading_code`."""
    table_bytes = models.BigIntegerField(default=0)
    """Size of what is read: `table` where there is one, else `file`."""
    bytes_read = models.BigIntegerField(default=0)
    lines_read = models.PositiveIntegerField(default=0)
    """Where the next part begins: bytes and lines before it."""
    forecast = models.JSONField(default=dict)
    """What storing would come to, as of the time the file was read: created, updated, unchanged, rejected."""
    samples = models.JSONField(default=dict)
    """The first lines that would be created, updated and left unchanged, each as a list."""
    first_at = models.DateTimeField(null=True, blank=True)
    """Time of the earliest review among its rows; with `last_at`, the span that the file tells of."""
    last_at = models.DateTimeField(null=True, blank=True)
    covers_from = models.DateField(_("covers from"), null=True, blank=True)
    covers_to = models.DateField(_("covers to"), null=True, blank=True)
    """Days, both included, of which the file is said to hold every review; null where nobody said so."""
    coverage = models.JSONField(default=dict)
    """What became of it: how many reviews of those days are `stored`, how many `unseen`; if it `is_believed`."""
    repeats = models.JSONField(default=dict)
    """Id of an earlier import -> rows about what that one had brought: it cannot be undone before this one."""
    rows = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    negative = models.PositiveIntegerField(_("negative"), default=0)
    cases_opened = models.PositiveIntegerField(_("cases opened"), default=0)

    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    """When the work began that is under way or ended last: reading, or storing after a confirmation."""
    phase_at = models.DateTimeField(null=True, blank=True)
    """When the phase at hand was begun, or taken up again."""
    phase_rows = models.PositiveIntegerField(default=0)
    """How many of its rows were done then: speed is measured from there."""
    beat_at = models.DateTimeField(null=True, blank=True)
    """Last sign of life of the job; a sweep resumes an import that has gone quiet."""
    finished_at = models.DateTimeField(null=True, blank=True)
    searchable_at = models.DateTimeField(null=True, blank=True)
    """As of when search knows what it brought and changed."""
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone = models.JSONField(default=dict)
    """What undoing came to: reviews withdrawn, reviews restored, cases, orders removed."""
    discarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=Q(covers_from=None, covers_to=None) | Q(covers_from__lte=F("covers_to")),
                name="coverage_is_a_span",
            )
        ]
        indexes = [
            models.Index(fields=["shop", "digest"], name="import_by_digest"),
            models.Index(fields=["source", "-uploaded_at"], name="import_by_source"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.file_name}"

    def get_absolute_url(self) -> str:
        return reverse("reviews:import", args=[self.pk])

    @property
    def source_file(self) -> FieldFile:
        """What its rows are read from."""
        return self.table or self.file

    @property
    def is_running(self) -> bool:
        return self.status in self.RUNNING

    @property
    def is_undoable(self) -> bool:
        """Whether something of it is stored; whether it may go is for `ingest.undoing` to say."""
        return self.status == self.Status.DONE or (
            self.status == self.Status.FAILED and self.failed_during in (self.Status.MERGING, self.Status.UNDOING)
        )

    @property
    def merged(self) -> int:
        """Rows that have found their place."""
        return self.created + self.updated + self.unchanged

    def rows_done(self, status: str) -> int:
        """How many rows the phase of that status is through with."""
        return self.merged + self.rejected if status == self.Status.MERGING else self.rows

    @property
    def seconds(self) -> float:
        """Working time from start to end, 0 before the end."""
        if not (self.started_at and self.finished_at):
            return 0.0
        return round((self.finished_at - self.started_at).total_seconds(), 3)


class ImportPart(models.Model):
    """Some thousand records of a file: what one worker reads, and later stores, at a time and in one transaction."""

    class State(models.TextChoices):
        OPEN = "open"
        STAGED = "staged"
        MERGED = "merged"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="parts", db_index=False)
    offset = models.BigIntegerField()
    """Bytes of the file before it."""
    lines_before = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    repeats = models.JSONField(default=dict)
    """Once merged: id of an earlier import -> rows about what that one had brought."""

    class Meta:
        ordering = ["lines_before"]
        constraints = [models.UniqueConstraint(fields=["batch", "lines_before"], name="part_begins_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.lines_before + 1}-{self.last_line}"


class ImportRejection(models.Model):
    """A row that was refused, with where and why, and its cells as they stood so that it can be corrected."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rejections", db_index=False)
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=200, blank=True)
    value = models.TextField(_("value"), blank=True)
    reason = models.CharField(max_length=40)
    """Code of `ingest.reading.cells.Reason`; translated when shown."""
    cells = models.JSONField(default=list)

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="line_is_rejected_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line} {self.reason}"


class StagedRow(ReviewText, OrderFacts):
    """A valid row of an import, between the file and what is stored of it. Empty once the import is done."""

    batch = models.ForeignKey(
        ImportBatch, models.CASCADE, related_name="staged_rows", db_index=False, db_constraint=False
    )
    line = models.PositiveIntegerField()
    identity = models.CharField(max_length=80)
    """Of a review as in ingest.identity; a row about an order has its number here."""
    reviewed_at = models.DateTimeField(null=True)  # type: ignore[assignment]
    """Null in a row about an order."""
    product_title = models.CharField(max_length=300, blank=True)
    item_id = models.CharField(max_length=40, blank=True)
    product_line = models.CharField(max_length=60, blank=True, default="", db_default="")
    phone_sealed = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="line_is_staged_once")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"
