"""Everything that scans of one repository wrote, told without the keys that rows happen to have."""

import json
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.db.models import Model, Q

from findings.models import Change, Event, Evidence, Finding, Occurrence, Repository, Run
from remediation.models import Checklist, Grade, Item, Link, Placement

TIMES = {"applied_at", "created_at"}  # when it was written, not when it was


def told(repository: Repository) -> dict[str, list[dict[str, Any]]]:
    """Table by table, the rows in the order they were made; keys are numbers in that order."""
    return Telling(repository).all()


def first_told_by_key(events: Iterable[Any]) -> Iterable[Event]:
    """What a run found first is told in any order (the database joins as its figures advise): here by the key."""
    for (_run, verb), group in groupby(events, key=lambda event: (event.run_ref, event.verb)):
        some = list(group)
        if verb == "found":
            some.sort(key=lambda event: int(event.subject.partition(":")[2]))
        yield from some


class Telling:
    def __init__(self, repository: Repository) -> None:
        team = repository.components.get().team
        runs, items = Run.objects.filter(repository=repository), Item.objects.filter(checklist__team=team)
        findings = Finding.objects.filter(repository=repository)
        self.rows: dict[str, list[Model]] = {
            model._meta.label: list(rows.order_by("pk"))
            for model, rows in (
                (Run, runs),
                (Finding, findings),
                (Occurrence, Occurrence.objects.filter(finding__in=findings)),
                (Evidence, Evidence.objects.filter(finding__in=findings)),
                (Checklist, Checklist.objects.filter(team=team)),
                (Item, items),
                (Link, Link.objects.filter(item__in=items)),
                (Placement, Placement.objects.filter(item__in=items)),
                (Grade, Grade.objects.filter(run__in=runs)),
                (Change, Change.objects.filter(run__in=runs)),
                (Event, Event.objects.filter(Q(run_ref__in=runs) | Q(team_ref=team.pk, verb="opened"))),
            )
        }
        self.rows[Event._meta.label] = list(first_told_by_key(self.rows[Event._meta.label]))
        self.number = {(label, row.pk): n for label, rows in self.rows.items() for n, row in enumerate(rows)}
        for kind, one in (("Team", team), ("Repository", repository), ("Component", repository.components.get())):
            self.number[f"findings.{kind}", one.pk] = 0

    def all(self) -> dict[str, list[dict[str, Any]]]:
        return {label: [self.row(one) for one in rows] for label, rows in self.rows.items()}

    def row(self, one: Model) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for field in one._meta.concrete_fields:
            value = getattr(one, field.attname)
            target = field.related_model._meta.label if field.related_model else one._meta.label
            if field.primary_key or (field.related_model and value is not None):
                value = self.number.get((target, value), (target, value))
            told[field.name] = value
        for name in TIMES & told.keys():
            del told[name]
        self.name(one, told)
        return told

    def name(self, one: Model, told: dict[str, Any]) -> None:
        """Keys that stand in texts and in JSON."""
        if isinstance(one, Run):
            told.pop("scan")
        if isinstance(one, Event):
            told["label"] = re.sub(r"run \d+$", "run", told["label"])
            for name, label in (("team_ref", "Team"), ("repository_ref", "Repository"), ("run_ref", "Run")):
                told[name] = told[name] and self.number[f"findings.{label}", told[name]]
            if before := one.after.get("successor_of"):
                told["after"] = {"successor_of": self.of(Item, before)}
        if isinstance(one, (Event, Grade)):
            told["subject"] = self.subject(told["subject"])
        if isinstance(one, Grade):
            told["parts"] = [part | {"finding": self.of(Finding, part["finding"])} for part in told["parts"]]
            told["caps"] = [cap | {"findings": [self.of(Finding, f) for f in cap["findings"]]} for cap in told["caps"]]
        if isinstance(one, Item):
            told["phase"] = one.phase.key
            told["anchor"] = re.sub(r"~(\d+)", lambda m: f"~{self.of(Item, int(m[1]))}", told["anchor"])
        if isinstance(one, Change):
            told["row"], told["last"] = (self.number[told["table"], told[name]] for name in ("row", "last"))
            told["before"] = told["before"] and self.before(told["before"])
        told["_"] = json.dumps(told, default=str, sort_keys=True)

    def before(self, fields: dict[str, Any]) -> dict[str, Any]:
        models = {"to_run_id": Run, "evidence_id": Evidence, "component_id": None}
        return {
            name: self.of(models[name], value) if models.get(name) and value is not None else value
            for name, value in fields.items()
        }

    def of(self, model: type[Model] | None, key: Any) -> Any:
        return self.number[model._meta.label, key] if model and key is not None else None

    def subject(self, text: str) -> str:
        kind, _, key = text.partition(":")
        label = "remediation.Item" if kind == "item" else f"findings.{kind.capitalize()}"
        return f"{kind}:{self.number[label, int(key)]}"


def differences(one: dict[str, list[dict[str, Any]]], other: dict[str, list[dict[str, Any]]]) -> Iterable[str]:
    """What differs, row by row."""
    for label, rows in one.items():
        if len(rows) != len(other[label]):
            yield f"{label}: {len(rows)} and {len(other[label])} rows"
        for n, (a, b) in enumerate(zip(rows, other[label], strict=False)):
            wrong = {name: (a[name], b[name]) for name in a if name != "_" and a[name] != b[name]}
            if wrong:
                yield f"{label} {n}: {wrong}"
