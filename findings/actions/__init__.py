"""Every write of the machine half, by noun. Bare verbs, a keyword `actor`, one transaction, an event."""

from .asides import scan_aside, set_aside, take_over
from .batches import accept, apply, drop, fail_run, make_plan, preview, receive_report, renew, start_run
from .following import follow_again, stop_following
from .likeness import alike, same, tell_apart, unsure
from .people import configure, create_team, invite, leave, password_link, save_profile, set_capacity, set_role, set_seat
from .repositories import define_component, move, prove, prove_by, rotate_secret, saw_head, track
from .scans import advance, claim, fail, finish, hold, note, receive, request_past, request_scan
from .tokens import issue, revoke
from .triage import approve, assign, attest, decide, decline, expire_verdicts, look_at, set_due, take_back, withdraw
from .undo import undo
from .uploads import ask_to_accept, forget, hand_in, opener

__all__ = [
    "accept",
    "advance",
    "alike",
    "apply",
    "approve",
    "ask_to_accept",
    "assign",
    "attest",
    "claim",
    "configure",
    "create_team",
    "decide",
    "decline",
    "define_component",
    "drop",
    "expire_verdicts",
    "fail",
    "fail_run",
    "finish",
    "follow_again",
    "forget",
    "hand_in",
    "hold",
    "invite",
    "issue",
    "leave",
    "look_at",
    "make_plan",
    "move",
    "note",
    "opener",
    "password_link",
    "preview",
    "prove",
    "prove_by",
    "receive",
    "receive_report",
    "renew",
    "request_past",
    "request_scan",
    "revoke",
    "rotate_secret",
    "same",
    "save_profile",
    "saw_head",
    "scan_aside",
    "set_aside",
    "set_capacity",
    "set_due",
    "set_role",
    "set_seat",
    "start_run",
    "stop_following",
    "take_back",
    "take_over",
    "tell_apart",
    "track",
    "undo",
    "unsure",
    "withdraw",
]
