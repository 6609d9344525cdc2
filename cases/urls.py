"""Addresses of the desk, the statistics and the team."""

from django.urls import path

from cases.views import attachments, case_actions, channels, desk, notices, pending, statistics, team
from cases.views.rulebook import hours, limits, playbooks, rules, tiers

app_name = "cases"

urlpatterns = [
    path("desk/", desk.desk, name="desk"),
    path("desk/next/", desk.next_case, name="next_case"),
    path("desk/<int:pk>/", desk.case, name="case"),
    path("desk/<int:pk>/claim/", case_actions.claim, name="claim"),
    path("desk/<int:pk>/release/", case_actions.release, name="release"),
    path("desk/<int:pk>/step/", case_actions.finish_step, name="finish_step"),
    path("desk/<int:pk>/tier/", case_actions.choose_tier, name="choose_tier"),
    path("desk/<int:pk>/escalate/", case_actions.escalate, name="escalate"),
    path("desk/<int:pk>/answer/", case_actions.answer, name="answer"),
    path("desk/<int:pk>/agree/", case_actions.agree, name="agree"),
    path("desk/<int:pk>/close/", case_actions.close, name="close"),
    path("desk/<int:pk>/undo/", case_actions.undo, name="undo"),
    path("desk/<int:pk>/reopen/", case_actions.reopen, name="reopen"),
    path("desk/<int:pk>/contact/", case_actions.log_contact, name="log_contact"),
    path("desk/<int:pk>/no-phone/", case_actions.ask_not_to_phone, name="no_phone"),
    path("desk/<int:pk>/may-phone/", case_actions.lift_phone_refusal, name="may_phone"),
    path("desk/<int:pk>/exception/", case_actions.allow_exception, name="exception"),
    path("attachments/<int:pk>/", attachments.attachment, name="attachment"),
    path("attachments/<int:pk>/thumbnail/", attachments.thumbnail, name="thumbnail"),
    path("desk/<int:pk>/remedy/", case_actions.agree_remedy, name="agree_remedy"),
    path("desk/<int:pk>/reply/", case_actions.write_reply, name="write_reply"),
    path("desk/<int:pk>/reply/check/", case_actions.check_reply, name="check_reply"),
    path("duty/", desk.duty, name="duty"),
    path("notices/", notices.notices, name="notices"),
    path("notices/bell/", notices.bell, name="bell"),
    path("notices/read/", notices.read_all, name="read_notices"),
    path("notices/settings/", notices.settings, name="notice_settings"),
    path("notices/channels/add/", channels.add_channel, name="add_channel"),
    path("notices/channels/<int:pk>/", channels.channel, name="channel"),
    path("notices/channels/<int:pk>/test/", channels.test_channel, name="test_channel"),
    path("notices/channels/<int:pk>/remove/", channels.remove_channel, name="remove_channel"),
    path("settings/rules/", rules.rules, name="rules"),
    path("settings/rules/<int:shop_pk>/tiers/add/", tiers.add_tier_rule, name="add_tier_rule"),
    path("settings/rules/<int:shop_pk>/tiers/<slug:key>/", tiers.tier_rule, name="tier_rule"),
    path("settings/rules/<int:shop_pk>/limits/", limits.limits, name="limits"),
    path("settings/rules/<int:shop_pk>/standards/", limits.standards, name="standards"),
    path("settings/rules/playbooks/<slug:cause>/", playbooks.playbook, name="playbook"),
    path("settings/rules/playbooks/restore/<int:pk>/", playbooks.restore_playbook, name="restore_playbook"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics/causes.csv", statistics.statistics_csv, name="statistics_csv"),
    path("team/", team.team, name="team"),
    path("settings/hours/", hours.hours, name="hours"),
    path("settings/hours/<int:shop_pk>/shifts/add/", hours.add_shift, name="add_shift"),
    path("settings/hours/shifts/<int:pk>/", hours.shift, name="shift"),
    path("settings/hours/<int:shop_pk>/pauses/add/", hours.add_pause, name="add_pause"),
    path("settings/hours/pauses/<int:pk>/", hours.pause, name="pause"),
    path("team/reassign/", team.reassign, name="reassign"),
    path("team/duty/", team.team_duty, name="team_duty"),
]
