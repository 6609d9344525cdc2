from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from cases.inflow.disappearance import follow_back, follow_gone
        from cases.inflow.enrichment import follow_orders
        from cases.inflow.opening import follow_correction, open_cases
        from cases.inflow.undoing import take_back_cases, worked_cases
        from cases.settling.claims import question_claims
        from reviews.signals import (
            batch_classified,
            causes_corrected,
            import_stored,
            import_undone,
            orders_stored,
            review_gone,
            reviews_back,
            undo_considered,
        )

        batch_classified.connect(open_cases, dispatch_uid="cases.opening")
        import_stored.connect(question_claims, dispatch_uid="cases.settling.claims")
        causes_corrected.connect(follow_correction, dispatch_uid="cases.correction")
        orders_stored.connect(follow_orders, dispatch_uid="cases.enrichment")
        review_gone.connect(follow_gone, dispatch_uid="cases.disappearance.gone")
        reviews_back.connect(follow_back, dispatch_uid="cases.disappearance.back")
        undo_considered.connect(worked_cases, dispatch_uid="cases.undoing.worked")
        import_undone.connect(take_back_cases, dispatch_uid="cases.undoing")
