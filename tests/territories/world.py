"""A small sales force for the tests of territories: accounts, reps, a model in force."""

import datetime as dt
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from crm.models import Account, Rep
from territories.models import (
    CoverageRole,
    ModelState,
    Territory,
    TerritoryModel,
    TerritoryRep,
    TerritoryType,
)
from territories.services.roles import standard_roles

BEGIN = dt.date(2026, 1, 1)


def an_account(code: str, **values: Any) -> Account:
    return Account.objects.create(code=code, name=values.pop("name", code), **values)


def a_rep(code: str, **values: Any) -> Rep:
    return Rep.objects.create(code=code, name=values.pop("name", code), **values)


def a_model(code: str = "fy26", **values: Any) -> TerritoryModel:
    """In planning."""
    return TerritoryModel.objects.create(code=code, name=values.pop("name", code), **values)


def a_model_in_force(code: str = "fy26", begin: dt.date = BEGIN) -> TerritoryModel:
    return a_model(code, state=ModelState.ACTIVE, days=DateRange(begin, None))


def a_territory(model: TerritoryModel, code: str, **values: Any) -> Territory:
    values = {"name": code, "type": TerritoryType.GEOGRAPHIC} | values
    return Territory.objects.create(model=model, code=code, **values)


def an_overlay(code: str = "specialist") -> CoverageRole:
    return CoverageRole.objects.create(code=code, name=code.title(), kind="overlay")


def covers(
    rep: Rep, territory: Territory, begin: dt.date = BEGIN, end: dt.date | None = None, **values: Any
) -> TerritoryRep:
    """The rep owns the territory's accounts, without what follows from it being settled."""
    role = values.pop("role", None) or standard_roles()["owner"]
    return TerritoryRep.objects.create(
        territory=territory, rep=rep, role=role, days=DateRange(begin, end), **values
    )
