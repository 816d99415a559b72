"""Running the rules of a model over all accounts: what would change, and storing it."""

import csv
import datetime as dt
import io
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from core.events import record
from core.jobs import Progress
from core.models import Person
from territories.engine.columns import Accounts
from territories.engine.winners import NONE, Layer, Outcome, decide
from territories.models import Pin, PlacedBy, Placement, PlacementEnd, RuleOverlap, RuleRun, TerritoryModel
from territories.pipeline.assignments import settle
from territories.pipeline.placing import Move, place
from territories.selectors.models import day_of
from territories.selectors.rules import asked_accounts, asked_rules, layers_of, made_from

RUN = "territories.run_rules"
DECIDED = (PlacedBy.SCENARIO, PlacedBy.HAND, PlacedBy.FILE)
Ints = NDArray[np.int64]
OVERLAPS = """
    COPY territories_ruleoverlap (model_id, role_id, account_id, rule_id, rival_id, rivals)
    FROM STDIN (FORMAT csv)"""


@dataclass(frozen=True)
class LayerAnswer:
    """A layer before and after, by account: keys of territory, rule and pin, -1 for none. `kept`: what a
    person, a file or a realignment decided, which rules leave alone."""

    outcome: Outcome
    before: Ints
    before_rule: Ints
    before_pin: Ints
    kept: NDArray[np.bool_]
    gone: list[int] = field(default_factory=list)

    @property
    def after(self) -> Ints:
        """The territory of each account once the answer is stored, -1 for none."""
        return np.where(self.kept, self.before, self.outcome.territory)

    @property
    def moved(self) -> NDArray[np.bool_]:
        """Which accounts change their territory."""
        return self.after != self.before

    @property
    def written(self) -> NDArray[np.bool_]:
        """Moved, or held now for another reason."""
        other = (self.outcome.rule != self.before_rule) | (self.outcome.pin != self.before_pin)
        return ~self.kept & ((self.outcome.territory != self.before) | other)

    @property
    def contested(self) -> NDArray[np.bool_]:
        """Which accounts rules of the same priority want for different territories."""
        return (self.outcome.rivals > 0) & ~self.kept


@dataclass(frozen=True)
class Answer:
    """What the rules of a model say of all active accounts, by overlay role (None gives the owner)."""

    model: TerritoryModel
    from_day: dt.date
    accounts: Accounts
    layers: dict[int | None, LayerAnswer]
    made_from: str

    @property
    def gaps(self) -> int:
        """How many accounts nobody owns afterwards."""
        return int((self.layers[None].after == NONE).sum())

    @property
    def gaps_before(self) -> int:
        """How many accounts nobody owns now."""
        return int((self.layers[None].before == NONE).sum())

    @property
    def overlaps(self) -> int:
        """How many accounts are contested, over all layers."""
        return sum(int(layer.contested.sum()) for layer in self.layers.values())

    @property
    def changed(self) -> int:
        """How many placements move, begin or end, over all layers."""
        return sum(int(layer.moved.sum()) + len(layer.gone) for layer in self.layers.values())


def first_day(model: TerritoryModel, today: dt.date | None = None) -> dt.date:
    """From which day what rules say holds: from today, or from the model's first day."""
    return day_of(model, today)


def ask_rules(model: TerritoryModel, *, from_day: dt.date | None = None, keep_decided: bool = True) -> Answer:
    """What the rules say, beside what stands there on the day; nothing is stored."""
    day = from_day or first_day(model)
    seen = made_from(model)
    rules = asked_rules(model)
    accounts = asked_accounts(rules)
    layers = layers_of(model, rules, accounts)
    now = _Now(model, day, accounts)
    for role in now.roles():
        layers.setdefault(role, Layer([]))
    answers = {
        role: now.beside(role, decide(layer, accounts), keep_decided) for role, layer in layers.items()
    }
    return Answer(model, day, accounts, answers, seen)


class _Now:
    """What stands on the day, by role."""

    def __init__(self, model: TerritoryModel, day: dt.date, accounts: Accounts) -> None:
        rows = Placement.objects.filter(model=model, days__contains=day).order_by()
        columns = ("account_id", "role_id", "territory_id", "rule_id", "pin_id", "placed_by")
        self._rows: dict[int | None, list[Any]] = {}
        for row in rows.values_list(*columns):
            self._rows.setdefault(row[1], []).append(row)
        ends = PlacementEnd.objects.filter(model=model, day__lte=day, placed_by__in=DECIDED).order_by()
        self._ends = list(ends.values_list("account_id", "role_id"))
        self._accounts = accounts

    def roles(self) -> set[int | None]:
        return set(self._rows)

    def beside(self, role: int | None, outcome: Outcome, keep_decided: bool) -> LayerAnswer:
        rows = self._rows.get(role, [])
        keys = np.array([row[0] for row in rows], dtype=np.int64)
        places = self._places(keys)
        here = places >= 0
        before, rule, pin = (self._column([row[at] for row in rows], places) for at in (2, 3, 4))
        kept = np.zeros(self._accounts.size, dtype=bool)
        if keep_decided:
            decided = np.array([row[5] in DECIDED for row in rows], dtype=bool)
            kept[places[here & decided]] = True
            out = self._places(np.array([key for key, of in self._ends if of == role], dtype=np.int64))
            out = out[out >= 0]
            kept[out[before[out] == NONE]] = True
        gone = [int(key) for key, found in zip(keys, here, strict=True) if not found]
        return LayerAnswer(outcome, before, rule, pin, kept, gone)

    def _places(self, keys: Ints) -> NDArray[np.intp]:
        ids = self._accounts.ids
        if not len(ids):
            return np.full(len(keys), NONE, dtype=np.intp)
        places = np.minimum(np.searchsorted(ids, keys), len(ids) - 1)
        return np.where(ids[places] == keys, places, NONE)

    def _column(self, values: list[int | None], places: NDArray[np.intp]) -> Ints:
        found = np.full(self._accounts.size, NONE, dtype=np.int64)
        here = places >= 0
        filled = np.array([NONE if value is None else value for value in values], dtype=np.int64)
        found[places[here]] = filled[here]
        return found


def moves_of(answer: Answer) -> list[Move]:
    """What `place` is to do: accounts whose territory, rule or pin differs, and inactive ones out."""
    reasons = dict(Pin.objects.filter(territory__model=answer.model).values_list("pk", "reason"))
    moves: list[Move] = []
    for role, layer in answer.layers.items():
        rows = np.flatnonzero(layer.written)
        told = zip(
            answer.accounts.ids[rows].tolist(),
            layer.outcome.territory[rows].tolist(),
            layer.outcome.rule[rows].tolist(),
            layer.outcome.pin[rows].tolist(),
            strict=True,
        )
        moves += [_move(role, *one, reasons) for one in told]
        moves += [Move(key, None, role, PlacedBy.RULE) for key in layer.gone]
    return moves


def _move(
    role: int | None, account: int, territory: int, rule: int, pin: int, reasons: dict[int, str]
) -> Move:
    if pin != NONE:
        return Move(account, territory, role, PlacedBy.PIN, None, pin, reasons[pin])
    if rule == NONE:
        return Move(account, None, role, PlacedBy.RULE)
    return Move(account, territory, role, PlacedBy.RULE, rule)


@transaction.atomic
def run_rules(
    model: TerritoryModel,
    *,
    by: Person | None,
    from_day: dt.date | None = None,
    keep_decided: bool = True,
    answer: Answer | None = None,
) -> RuleRun:
    """Store what the rules say from a day on, and settle the assignments of a model in force. Run again,
    it changes nothing."""
    begun = time.perf_counter()
    TerritoryModel.objects.select_for_update(no_key=True).get(pk=model.pk)
    said = answer or ask_rules(model, from_day=from_day, keep_decided=keep_decided)
    moves = moves_of(said)
    place(model, moves, said.from_day)
    _store_overlaps(said)
    if model.days is not None and moves:
        settle(accounts=sorted({move.account for move in moves}))
    return RuleRun.objects.create(
        model=model,
        by=by,
        from_day=said.from_day,
        made_from=said.made_from,
        accounts=said.accounts.size,
        gaps=said.gaps,
        overlaps=said.overlaps,
        changed=said.changed,
        seconds=round(time.perf_counter() - begun, 3),
        at=timezone.now(),
    )


def _store_overlaps(answer: Answer) -> None:
    RuleOverlap.objects.filter(model=answer.model).delete()
    text = io.StringIO()
    writer = csv.writer(text)
    for role, layer in answer.layers.items():
        rows = np.flatnonzero(layer.contested)
        columns = (answer.accounts.ids, layer.outcome.rule, layer.outcome.rival, layer.outcome.rivals)
        told = zip(*(column[rows].tolist() for column in columns), strict=True)
        writer.writerows((answer.model.pk, role, *one) for one in told)
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(OVERLAPS, text)


def run_rules_job(progress: Progress) -> dict[str, Any]:
    """The work of a job that runs a model's rules: params model, from_day, keep_decided."""
    params = progress.job.params
    model = TerritoryModel.objects.get(pk=params["model"])
    day = dt.date.fromisoformat(params["from_day"]) if params["from_day"] else None
    progress.report(done=0, total=2, step="Asking every rule about every account")
    answer = ask_rules(model, from_day=day, keep_decided=params["keep_decided"])
    progress.report(done=1, total=2, step="Storing who lies where")
    with progress.store() as store:
        run = run_rules(model, by=progress.job.requested_by, answer=answer)
        after = {"changed": run.changed, "gaps": run.gaps, "overlaps": run.overlaps}
        record(actor=progress.job.requested_by, verb="rules run", subject=model, after=after)
        store.result = {"run": run.pk, **after}
    return {"run": run.pk, **after}
