from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from cases.opening import follow_correction, open_cases
        from cases.undoing import take_back_cases, worked_cases
        from reviews.signals import batch_classified, causes_corrected, import_undone, undo_considered

        batch_classified.connect(open_cases, dispatch_uid="cases.opening")
        causes_corrected.connect(follow_correction, dispatch_uid="cases.correction")
        undo_considered.connect(worked_cases, dispatch_uid="cases.undoing.worked")
        import_undone.connect(take_back_cases, dispatch_uid="cases.undoing")
