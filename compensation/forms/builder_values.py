"""Between the fields of the component form and a component as a plan is written."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms

from compensation.engine.plan import Against, Form, Measure
from compensation.engine.plan_reading import usual_gift, usual_whose
from compensation.engine.word_numbers import PIECES, is_share
from compensation.forms import builder_numbers as numbers

Said = dict[str, Any]
Fault = Callable[[str, Any], None]
Reader = Callable[[str], str]
PLAIN = ("name", "against", "by", "gives", "pool_share", "ties", "quota_of", "border", "period", "over")
TICKS = ("never_negative", "adds_up", "below_as_first", "goes_on")
BY_AMOUNT = frozenset({Form.POOL, Form.RESULT})


def fields_of(said: Mapping[str, Any]) -> Said:
    """What the fields hold for a component as it is written."""
    measure = said.get("measure") or {}
    first: Said = {name: said.get(name, "") for name in (*PLAIN, "rate", "until", "pot", "budget")}
    first |= {name: said.get(name, "") for name in ("weight", "threshold", "starts", "ends")}
    first |= {name: bool(said.get(name)) for name in TICKS}
    first["over"] = said.get("over") or said.get("period") or "month"
    first["period"] = said.get("period") or "month"
    first["against"] = said.get("against") or "amount"
    first["gives"] = said.get("gives") or usual_gift(Form(said["form"])).value
    first["name"] = said.get("name") or said.get("code", "")
    first["of"], first["whose"] = (
        measure.get("of", "amount"),
        measure.get("whose", usual_whose(Form(said["form"])).value),
    )
    first["per"] = measure.get("per", "")
    where = measure.get("where") or {}
    first["where"] = [[key, ", ".join(_list(values))] for key, values in where.items()]
    first["roles"] = ", ".join(_list(measure.get("roles")))
    return first | _tiers_of(said) | _tables_of(said) | _limits_of(said)


def _tiers_of(said: Mapping[str, Any]) -> Said:
    tiers = _rows(said.get("tiers"))
    by_value = [[tier.get("from", 0), name, one] for tier in tiers for name, one in _names(tier.get("rates"))]
    return {
        "tiers": [[tier.get("from", 0), tier.get("rate", 0)] for tier in tiers],
        "rates": by_value,
        "rates_flat": [[name, one] for name, one in _names(said.get("rates"))],
        "shares": [[name, one] for name, one in _names(said.get("shares"))],
        "prizes": [[one] for one in said.get("prizes") or []],
    }


def _tables_of(said: Mapping[str, Any]) -> Said:
    matrix = said.get("matrix") or {}
    heads = [["", *matrix.get("columns", [])]] if matrix else []
    lines = zip(matrix.get("rows", []), matrix.get("values", []), strict=False)
    objectives = _rows(said.get("objectives"))
    return {
        "points": said.get("points") or [],
        "steps": said.get("steps") or [],
        **{name: matrix.get(name, "") for name in ("rows_by", "rows_in", "columns_by", "columns_in")},
        "values": [*heads, *([level, *row] for level, row in lines)],
        "straight": bool(matrix.get("straight")),
        "objectives": [[one.get("code"), one.get("weight"), one.get("most", "")] for one in objectives],
        "objective_points": [
            [one.get("code"), at, value, _how(one, True)]
            for one in objectives
            for at, value in one.get("points") or []
        ],
    }


def _limits_of(said: Mapping[str, Any]) -> Said:
    gates, caps = _rows(said.get("gate")), _rows(said.get("cap"))
    return {
        "gate": [
            [one.get("component"), one.get("at_least"), one.get("otherwise", ""), one.get("in", "")]
            for one in gates
        ],
        "multiplier": [row for one in _rows(said.get("multiplier")) for row in _multiplier_rows(one)],
        "cap": [
            [
                one.get("per", "month"),
                one.get("amount", ""),
                one.get("of_target", ""),
                "before" if one.get("after_multipliers") is False else "after",
            ]
            for one in caps
        ],
    }


def _multiplier_rows(one: Mapping[str, Any]) -> list[list[Any]]:
    if "fixed" in one:
        return [["", "", one["fixed"], "", ""]]
    straight = "points" in one
    pairs = one.get("points" if straight else "steps") or []
    how, of = _how(one, straight), one.get("in", "")
    return [[one.get("component"), at, value, how, of] for at, value in pairs]


def _how(one: Mapping[str, Any], straight: bool) -> str:
    words = ["line" if straight else "steps"]
    words += ["first below"] if one.get("below_as_first") else []
    words += ["goes on"] if one.get("goes_on") else []
    words += ["adds up"] if one.get("adds_up") else []
    words += ["lower"] if one.get("border") == "lower" else []
    return ", ".join(words)


def _settings(how: str) -> Said:
    """The settings of a table that its “how” says."""
    words = {word.strip() for word in how.split(",")}
    ticks = {"below_as_first": "first below", "goes_on": "goes on", "adds_up": "adds up"}
    said: Said = {key: True for key, word in ticks.items() if word in words}
    return said | ({"border": "lower"} if "lower" in words else {})


def said_of(form: Form, cleaned: Mapping[str, Any], fault: Fault) -> Said:
    """A component as it is written. fault(field, error) is called for what cannot be read."""
    typed = Typed(form, cleaned, fault)
    said: Said = {"form": form.value} | typed.plain() | typed.measure()
    for part in (typed.pays, typed.tables, typed.scorecard, typed.limits):
        said |= part()
    return {key: value for key, value in said.items() if value not in ("", None, [], {}, False)}


class Typed:
    """The cleaned fields of a component form, read into the words of a plan."""

    def __init__(self, form: Form, cleaned: Mapping[str, Any], fault: Fault) -> None:
        self.form, self.cleaned, self.fault = form, cleaned, fault
        pieces = cleaned.get("of") in PIECES
        self.rate: Reader = numbers.amount if pieces else numbers.rate
        by_quota = cleaned.get("against") == "quota" and form not in BY_AMOUNT
        ratio = is_share(Measure(of=str(cleaned.get("of")), per=str(cleaned.get("per") or "")))
        self.bound: Reader = numbers.share if by_quota or ratio else numbers.amount
        gifts = {"money": numbers.amount, "target": numbers.share, "rate": self.rate}
        self.gift: Reader = gifts.get(str(cleaned.get("gives") or "target"), numbers.share)

    def plain(self) -> Said:
        said: Said = {name: self.cleaned.get(name) for name in PLAIN}
        said |= {name: bool(self.cleaned.get(name)) for name in TICKS}
        days = {name: self.cleaned.get(name) for name in ("starts", "ends")}
        return said | {name: day.isoformat() if day else None for name, day in days.items()}

    def measure(self) -> Said:
        where = {row[0]: _words(row[1]) for row in self.rows("where") if row[0]}
        said = {
            "of": self.cleaned.get("of") or "amount",
            "per": self.cleaned.get("per"),
            "whose": self.cleaned.get("whose") or "own",
            "where": where,
            "roles": _words(self.cleaned.get("roles") or ""),
        }
        return {"measure": {key: value for key, value in said.items() if value}}

    def pays(self) -> Said:
        rates = {row[0]: self.read("rates_flat", row[1], self.rate) for row in self.rows("rates_flat")}
        return {
            "rate": self.one("rate", self.rate),
            "rates": rates,
            "tiers": self._tiers(),
            "until": self.one("until", self.bound),
            "pot": self.one("pot", numbers.amount),
            "shares": {row[0]: self.read("shares", row[1], numbers.share) for row in self.rows("shares")},
            "prizes": [self.read("prizes", row[0], numbers.amount) for row in self.rows("prizes")],
        }

    def _tiers(self) -> list[Said]:
        tiers: dict[str, Said] = {}
        for start, rate in self.rows("tiers"):
            begin = self.read("tiers", start or "0", self.bound)
            tiers[begin] = {"from": begin, "rate": self.read("tiers", rate, self.rate)}
        for start, name, rate in self.rows("rates"):
            begin = self.read("rates", start or "0", self.bound)
            tier = tiers.setdefault(begin, {"from": begin})
            tier.setdefault("rates", {})[name] = self.read("rates", rate, self.rate)
        return list(tiers.values())

    def tables(self) -> Said:
        return {
            "points": self._pairs("points", self.bound, self.gift),
            "steps": self._pairs("steps", self.bound, self.gift),
            "matrix": self._matrix(),
        }

    def _pairs(self, name: str, at: Reader, value: Reader) -> list[list[str]]:
        return [[self.read(name, row[0], at), self.read(name, row[1], value)] for row in self.rows(name)]

    def _matrix(self) -> Said | None:
        if self.form is not Form.MATRIX:
            return None
        rows = self.rows("values")
        heads = [cell for cell in rows[0][1:] if cell] if rows else []
        if len(rows) < 2 or not heads:
            self.fault("values", "Give the levels of the columns in the first row, and a row for each level.")
            return None
        kinds = {name: self.cleaned.get(name) for name in ("rows_in", "columns_in")}
        return {name: kind for name, kind in kinds.items() if kind} | {
            "rows_by": self.cleaned.get("rows_by"),
            "rows": [self.read("values", row[0], _level(kinds["rows_in"])) for row in rows[1:]],
            "columns_by": self.cleaned.get("columns_by"),
            "columns": [self.read("values", cell, _level(kinds["columns_in"])) for cell in heads],
            "values": [
                [self.read("values", cell, self.gift) for cell in row[1 : len(heads) + 1]] for row in rows[1:]
            ],
            "straight": bool(self.cleaned.get("straight")),
        }

    def scorecard(self) -> Said:
        objectives: dict[str, Said] = {}
        for code, weight, most in self.rows("objectives"):
            said = {"code": code, "weight": self.read("objectives", weight, numbers.share)}
            objectives[code] = said | ({"most": self.read("objectives", most, numbers.share)} if most else {})
        for code, at, value, how in self.rows("objective_points"):
            if code not in objectives:
                self.fault("objective_points", f"“{code}” is none of the objectives above.")
                continue
            pair = [self.read("objective_points", one, numbers.share) for one in (at, value)]
            objectives[code].setdefault("points", []).append(pair)
            objectives[code] |= _settings(how)
        return {"objectives": list(objectives.values())}

    def limits(self) -> Said:
        gates = [
            {"component": code, "at_least": self.read("gate", least, _level(of))}
            | ({"in": of} if of else {})
            | ({"otherwise": self.read("gate", otherwise, numbers.share)} if otherwise else {})
            for code, least, otherwise, of in self.rows("gate")
        ]
        return {
            "weight": self.one("weight", numbers.share),
            "threshold": self.one("threshold", numbers.level),
            "gate": gates,
            "multiplier": self._multipliers(),
            "cap": [self._cap(row) for row in self.rows("cap")],
            "budget": self.one("budget", numbers.amount),
        }

    def _multipliers(self) -> list[Said]:
        """Rows of one component that follow each other make one multiplier."""
        made: list[Said] = []
        for code, at, factor, how, of in self.rows("multiplier"):
            value = self.read("multiplier", factor, numbers.share)
            if not code:
                made.append({"fixed": value})
                continue
            key = "points" if how.startswith("line") else "steps"
            if not made or made[-1].get("component") != code or key not in made[-1]:
                made.append({"component": code, key: []} | ({"in": of} if of else {}) | _settings(how))
            made[-1][key].append([self.read("multiplier", at or "0", _level(of)), value])
        return made

    def _cap(self, row: Sequence[str]) -> Said:
        per, amount, of_target, when = row
        said: Said = {"per": per or "month"}
        said |= {"amount": self.read("cap", amount, numbers.amount)} if amount else {}
        said |= {"of_target": self.read("cap", of_target, numbers.share)} if of_target else {}
        if len(said) != 2:
            self.fault("cap", "Give either an amount or a share of the target pay in each row.")
        return said | ({"after_multipliers": False} if when == "before" else {})

    def rows(self, name: str) -> list[list[str]]:
        return list(self.cleaned.get(name) or [])

    def one(self, name: str, read: Reader) -> str | None:
        text = self.cleaned.get(name)
        return self.read(name, text, read) if text else None

    def read(self, name: str, text: str, read: Reader) -> str:
        try:
            return read(text)
        except forms.ValidationError as error:
            self.fault(name, error)
            return "0"


def _level(of: Any) -> Reader:
    """How a level of another component is read: an amount, or a share of its quota or a ratio."""
    return numbers.amount if of == Against.AMOUNT.value else numbers.level


def _rows(said: Any) -> list[Mapping[str, Any]]:
    rows = said if isinstance(said, list) else [said] if said else []
    return [row for row in rows if isinstance(row, Mapping)]


def _names(said: Any) -> list[tuple[str, Any]]:
    return list(said.items()) if isinstance(said, Mapping) else []


def _list(said: Any) -> list[str]:
    rows = said if isinstance(said, list) else [said] if said else []
    return [str(one) for one in rows]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
