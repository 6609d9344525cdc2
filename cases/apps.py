from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from cases.opening import follow_correction, open_cases
        from reviews.signals import batch_classified, causes_corrected

        batch_classified.connect(open_cases, dispatch_uid="cases.opening")
        causes_corrected.connect(follow_correction, dispatch_uid="cases.correction")
