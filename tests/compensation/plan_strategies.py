"""Plans of every form and setting, as mappings that somebody could have written."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from compensation.engine.plan import Form, Gives, Period

SLOW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = st.sampled_from(["new", "renewal", "yes", "2026", "007", "Öl & Gas", "a: b", "5%"])
MONEY = st.decimals(0, 100_000, places=2, allow_nan=False)
SHARE = st.decimals(0, 3, places=4, allow_nan=False)
BY_LEVEL = ("curve", "steps", "matrix")
RATIOS = ("flat", "curve", "steps", "interpolated")
DIVISORS = ("amount", "units", "margin", "count")
LOOKS = st.sampled_from(["amount", "quota"])
FORMS = st.sampled_from([*Form, "interpolated"])
PERIODS = [("month", "month"), ("month", "year"), ("quarter", "year"), ("month", "deal"), ("half", "half")]


def maybe(**said: st.SearchStrategy) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the settings, each there or not."""
    return st.fixed_dictionaries({}, optional=said)


def choices(kind: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([one.value for one in kind])


@st.composite
def ascending(draw: st.DrawFn, first: int = 0) -> list[Decimal]:
    steps = draw(st.lists(st.decimals("0.01", 1, places=4), min_size=1, max_size=4))
    found = [Decimal(first) + steps[0]]
    for step in steps[1:]:
        found.append(found[-1] + step)
    return found


@st.composite
def tiers(draw: st.DrawFn) -> list[dict[str, Any]]:
    rates = st.one_of(
        st.fixed_dictionaries({"rate": SHARE.map(str)}),
        st.fixed_dictionaries({"rates": st.dictionaries(WORDS, SHARE.map(str), min_size=1, max_size=2)}),
    )
    return [{"from": str(bound), **draw(rates)} for bound in draw(ascending())]


@st.composite
def pairs(draw: st.DrawFn) -> list[list[str]]:
    return [[str(bound), str(draw(SHARE))] for bound in draw(ascending())]


@st.composite
def fillings(draw: st.DrawFn) -> list[dict[str, Any]]:
    bounds = [Decimal(0), *draw(ascending())]
    return [{"from": str(low), "to": str(high), "money": str(draw(MONEY))} for low, high in pairwise(bounds)]


@st.composite
def matrices(draw: st.DrawFn, codes: list[str]) -> dict[str, Any]:
    rows, columns = draw(ascending()), draw(ascending())
    return {
        "rows_by": draw(st.sampled_from(codes)),
        **draw(maybe(rows_in=LOOKS, columns_in=LOOKS)),
        "rows": [str(one) for one in rows],
        "columns_by": draw(st.sampled_from(codes)),
        "columns": [str(one) for one in columns],
        "values": [[str(draw(SHARE)) for _ in columns] for _ in rows],
        "straight": draw(st.booleans()),
    }


TABLES = maybe(below_as_first=st.booleans(), goes_on=st.booleans(), adds_up=st.booleans())
OBJECTIVES = st.lists(
    st.fixed_dictionaries(
        {"code": WORDS, "weight": SHARE.map(str)}, optional={"most": SHARE.map(str), "points": pairs()}
    ),
    min_size=1,
    max_size=2,
)
CAPS = st.tuples(
    st.one_of(
        st.fixed_dictionaries({"amount": MONEY.map(str)}),
        st.fixed_dictionaries({"of_target": SHARE.map(str)}),
    ),
    maybe(per=choices(Period), after_multipliers=st.booleans()),
).map(lambda both: both[0] | both[1])


def shape(form: str, codes: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """What a form needs."""
    needed = {
        "flat": st.fixed_dictionaries({"rate": SHARE.map(str)}),
        "whole_until": st.fixed_dictionaries({"tiers": tiers(), "until": SHARE.map(str)}),
        "interpolated": st.fixed_dictionaries({"tiers": fillings()}),
        "curve": st.tuples(st.fixed_dictionaries({"points": pairs()}), TABLES).map(lambda x: x[0] | x[1]),
        "steps": st.tuples(st.fixed_dictionaries({"steps": pairs()}), TABLES).map(lambda x: x[0] | x[1]),
        "matrix": st.fixed_dictionaries({"matrix": matrices(codes)}),
        "scorecard": st.fixed_dictionaries({"objectives": OBJECTIVES}),
        "pool": st.fixed_dictionaries(
            {"pot": MONEY.map(str), "pool_share": st.sampled_from(["equal", "role", "credit"])},
            optional={"shares": st.dictionaries(WORDS, SHARE.map(str), max_size=2)},
        ),
        "contest": st.fixed_dictionaries(
            {"prizes": st.lists(MONEY.map(str), min_size=1, max_size=3)},
            optional={"ties": st.sampled_from(["share", "both", "first"])},
        ),
    }
    return needed.get(form, st.fixed_dictionaries({"tiers": tiers()}))


def limits(form: str, codes: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    code = st.sampled_from(codes)
    multipliers = st.one_of(
        st.fixed_dictionaries({"fixed": SHARE.map(str)}),
        st.fixed_dictionaries({"component": code, "steps": pairs()}, optional={"in": LOOKS}),
        st.fixed_dictionaries({"component": code, "points": pairs()}, optional={"goes_on": st.booleans()}),
    )
    gates = st.fixed_dictionaries(
        {"component": code, "at_least": SHARE.map(str)}, optional={"otherwise": SHARE.map(str), "in": LOOKS}
    )
    shared = form in {"pool", "contest"}
    paid = {"multiplier": st.lists(multipliers, max_size=2), "cap": st.lists(CAPS, max_size=2)}
    return maybe(
        weight=SHARE.map(str),
        threshold=SHARE.map(str),
        gate=st.lists(gates, max_size=2),
        starts=st.just("2026-03-01"),
        ends=st.just("2026-05-31"),
        never_negative=st.booleans(),
        border=st.sampled_from(["upper", "lower"]),
        **({} if shared else paid),
        **({"budget": MONEY.map(str)} if form in {"flat", "marginal", "whole", "result"} else {}),
    )


@st.composite
def components(draw: st.DrawFn, code: str, codes: list[str]) -> dict[str, Any]:
    form = str(draw(FORMS))
    period, over = draw(st.sampled_from(PERIODS))
    against = "amount" if form == "result" else draw(st.sampled_from(["amount", "quota"]))
    measure = maybe(
        of=st.sampled_from(["amount", "units", "margin", "count"]),
        whose=st.sampled_from(["own", "reports", "below", "team", "company"]),
        where=st.dictionaries(st.sampled_from(["type", "market"]), st.lists(WORDS, min_size=1, max_size=2)),
        roles=st.lists(WORDS, max_size=2),
    )
    gives = {"gives": choices(Gives)} if form in BY_LEVEL else {}
    said = {
        "code": code,
        "form": form,
        "period": period,
        "over": over,
        "against": against,
        "by": "type",
        "measure": draw(measure),
        **draw(maybe(name=WORDS, **gives)),
        **draw(shape(form, codes)),
        **draw(limits(form, codes)),
    }
    return as_ratio(said, draw(st.sampled_from(DIVISORS))) if form in RATIOS and draw(st.booleans()) else said


def as_ratio(said: dict[str, Any], per: str) -> dict[str, Any]:
    """The same component, measuring a ratio: it pays no rate and has no quota."""
    paid = {name: value for name, value in said.items() if name != "gives" or value != "rate"}
    paid |= {"rate": 0} if said["form"] == "flat" else {}
    return paid | {"measure": {**said["measure"], "per": per}, "against": "amount"}


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """A whole plan of one to three components with any settings."""
    codes = ["one", "two", "three"][: draw(st.integers(1, 3))]
    general = maybe(
        currency=st.just("EUR"),
        version=WORDS,
        year_begins=st.integers(1, 12),
        target_incentive=MONEY.map(str),
        places=st.integers(0, 4),
        rates=st.sampled_from(["deal", "start"]),
        rounding=st.sampled_from(["half up", "half even", "up", "down"]),
        rounded_by=st.sampled_from(["component", "line"]),
        quota=maybe(
            weights=st.just([20, 20, 20, 40]),
            prorate=st.sampled_from(["none", "days", "working days", "months", "full months"]),
            start_day_counts=st.booleans(),
            ramp=st.lists(SHARE.map(str), max_size=3),
        ),
        draw=st.tuples(
            st.fixed_dictionaries({"amount": MONEY.map(str)}),
            maybe(
                kind=st.sampled_from(["guarantee", "additive"]),
                recoverable=st.booleans(),
                months=st.integers(0, 12),
                forgiven=st.booleans(),
                most_back=SHARE.map(str),
            ),
        ).map(lambda both: both[0] | both[1]),
        clawback=maybe(
            share=SHARE.map(str),
            window=st.integers(1, 24),
            window_in=st.sampled_from(["months", "days"]),
            attainment=st.sampled_from(["restated", "kept"]),
            at=st.sampled_from(["historic", "today"]),
        ),
    )
    return {
        "plan": draw(WORDS),
        **draw(general),
        "components": without_amounts_of_ratios([draw(components(code, codes)) for code in codes]),
    }


def without_amounts_of_ratios(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same components; those that measure a ratio are looked at by it."""
    ratios = {one["code"] for one in said if "per" in one["measure"]}
    for one in said:
        for look in (*one.get("gate", ()), *one.get("multiplier", ())):
            if look.get("component") in ratios:
                look.pop("in", None)
        for side in ("rows", "columns"):
            if one.get("matrix", {}).get(f"{side}_by") in ratios:
                one["matrix"].pop(f"{side}_in", None)
    return said
