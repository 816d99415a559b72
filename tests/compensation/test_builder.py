"""The plan builder: somebody without IT builds a plan by forms, sees what it pays, and loses nothing."""

import pytest

from compensation.engine.plan_editing import component_in
from compensation.engine.plan_reading import plan_from
from compensation.engine.plan_templates import TEMPLATES, terms_of
from compensation.engine.plan_writing import mapping_of
from compensation.models import PayPlan, PlanVersion
from compensation.selectors.builder import written_terms
from compensation.services.builder import arrange_component, save_component, save_settings, use_template
from core.errors import Conflict, Denied, Invalid, Refused
from core.models import Event
from tests.compensation.company import FLAT, TERMS, euro, plan_of

pytestmark = pytest.mark.django_db


def draft(terms=None, code="draft"):
    """A plan whose only version is a draft."""
    euro()
    plan = PayPlan.objects.create(code=code, name=f"Plan {code}")
    given = {"plan": "Plan", "currency": "EUR", "components": []} if terms is None else terms
    return PlanVersion.objects.create(plan=plan, starts="2026-01-01", terms=given)


def page(version, rest=""):
    return f"/pay/versions/{version.pk}/builder/{rest}"


def typed(version, **fields):
    """What the browser posts: fields, and rows as lists of cells."""
    sent = {"revision": version.revision, "period": "month", "over": "year"}
    for name, value in fields.items():
        if isinstance(value, list):
            sent |= {f"{name}-{r}-{c}": cell for r, row in enumerate(value) for c, cell in enumerate(row)}
        else:
            sent[name] = value
    return sent


def components(version):
    version.refresh_from_db()
    return written_terms(version)["components"]


def test_somebody_builds_75_25_with_accelerator_and_a_cap_by_forms_alone(analyst, signed_in):
    euro()
    browser = signed_in(analyst)
    made = browser.post(
        "/pay/plans/new/", {"code": "ae", "name": "AE 2026", "currency": "EUR", "template": ""}, follow=True
    )
    assert made.status_code == 200
    version = PlanVersion.objects.get()
    own = typed(
        version,
        name="Own bookings",
        of="amount",
        whose="own",
        against="quota",
        gives="target",
        weight="75 %",
        points=[["0", "0"], ["100%", "100%"], ["150%", "200%"]],
        cap=[["year", "", "250%", "after"]],
    )
    assert browser.post(page(version, "add/?form=curve"), own).status_code == 302
    version.refresh_from_db()
    team = typed(
        version,
        name="Team",
        of="amount",
        whose="team",
        against="quota",
        gives="target",
        weight="25%",
        period="quarter",
        **{"points-paste": "70%\t0%\n100%\t100%"},
    )
    assert browser.post(page(version, "add/?form=curve"), team).status_code == 302
    version.refresh_from_db()
    settings = {
        "plan": "AE",
        "currency": "EUR",
        "year_begins": "1",
        "target_incentive": "40 000",
        "places": 2,
        "prorate": "days",
        "start_day_counts": "on",
        "share": "100%",
        "revision": version.revision,
    }
    assert browser.post(page(version, "settings/"), settings).status_code == 302
    version.refresh_from_db()
    plan = plan_from(version.terms)
    assert [one.code for one in plan.components] == ["own-bookings", "team"]
    shown = browser.get(page(version)).content.decode().replace("\u202f", " ")
    assert "75 % of your target incentive (30 000 EUR a year)" in shown
    assert "at 120 %" in shown
    assert ">54 000<" in shown.replace("\n", "")


def test_the_form_keeps_every_component_as_it_is(analyst, signed_in):
    """Opening each template's components and saving them untouched changes nothing."""
    browser = signed_in(analyst)
    for template in TEMPLATES:
        version = draft(terms_of(template.code, name="P", currency="EUR"), template.code)
        before, first = written_terms(version), version.revision
        for one in before["components"]:
            form = browser.get(page(version, f"components/{one['code']}/")).context["form"]
            response = browser.post(page(version, f"components/{one['code']}/"), as_posted(form))
            assert response.status_code == 302, response.context["form"].errors
        version.refresh_from_db()
        assert mapping_of(plan_from(version.terms)) == before
        assert version.revision == first


def as_posted(form):
    """The fields of a form as the browser sends them untouched."""
    sent = {}
    for bound in form:
        value = bound.value()
        if hasattr(bound.field, "columns"):
            rows = enumerate(value or [])
            sent |= {f"{bound.name}-{r}-{c}": cell for r, row in rows for c, cell in enumerate(row)}
        elif value is not None and value is not False and value != "":
            sent[bound.name] = value
    return sent


ODD = {
    "code": "odd",
    "name": "Odd",
    "form": "whole_until",
    "measure": {"of": "units", "whose": "below", "where": {"family": ["A", "B"]}, "roles": ["owner"]},
    "period": "quarter",
    "over": "year",
    "against": "quota",
    "quota_of": "to date",
    "border": "lower",
    "by": "family",
    "tiers": [{"from": 0, "rate": 2, "rates": {"A": 3}}, {"from": "100%", "rate": 4}],
    "until": "120%",
    "weight": "50%",
    "threshold": "40%",
    "gate": {"component": "margin", "at_least": "90%", "otherwise": "50%"},
    "multiplier": [
        {
            "component": "margin",
            "points": [["80%", "90%"], ["100%", "110%"]],
            "below_as_first": True,
            "goes_on": True,
        },
        {"component": "margin", "steps": [["50%", "100%"]]},
        {"fixed": "95%"},
    ],
    "cap": [
        {"per": "year", "of_target": "300%"},
        {"per": "deal", "amount": 900, "after_multipliers": False},
    ],
    "starts": "2026-02-01",
    "ends": "2026-11-30",
    "budget": 100000,
    "never_negative": True,
}
SCORES = {
    "code": "mbo",
    "form": "scorecard",
    "period": "quarter",
    "objectives": [
        {"code": "Visits", "weight": "60%", "most": "120%"},
        {"code": "Plans", "weight": "40%", "points": [["50%", "0%"], ["100%", "100%"]], "goes_on": True},
    ],
}
MARGIN = {"code": "margin", "name": "Margin", "form": "flat", "measure": {"of": "margin"}, "rate": 0}


def test_every_setting_of_a_component_is_reached_by_the_form(analyst, signed_in):
    version = draft({"plan": "P", "currency": "EUR", "components": [ODD, SCORES, MARGIN]})
    before = written_terms(version)
    browser = signed_in(analyst)
    for code in ("odd", "mbo"):
        form = browser.get(page(version, f"components/{code}/")).context["form"]
        sent = as_posted(form)
        answer = browser.post(page(version, f"components/{code}/"), sent)
        assert answer.status_code == 302, answer.context["form"].errors
        added = browser.post(page(version, f"add/?form={form.form_of_pay.value}"), sent)
        assert added.status_code == 302
        version.refresh_from_db()
        copy = components(version)[-1]
        assert {"name": code} | copy | {"code": code} == {"name": code} | component_in(before, code)
        arrange_component(
            actor=analyst, version=version, revision=version.revision, code=copy["code"], what="remove"
        )
        version.refresh_from_db()


def test_every_setting_of_the_plan_is_reached_by_the_form(analyst, signed_in):
    said = {
        "plan": "P",
        "currency": "EUR",
        "year_begins": 4,
        "target_incentive": 40000,
        "places": 0,
        "rounding": "down",
        "rates": "start",
        "quota": {
            "weights": [20, 20, 20, 40],
            "prorate": "working days",
            "start_day_counts": False,
            "ramp": ["25%", "50%"],
        },
        "draw": {
            "amount": 2000,
            "kind": "additive",
            "recoverable": True,
            "months": 6,
            "forgiven": True,
            "most_back": "50%",
        },
        "clawback": {
            "share": "80%",
            "window": 12,
            "by_months_left": True,
            "attainment": "kept",
            "at": "today",
        },
        "components": [MARGIN],
    }
    version = draft(said)
    before = written_terms(version)
    browser = signed_in(analyst)
    form = browser.get(page(version, "settings/")).context["form"]
    sent = as_posted(form)
    version.terms = FLAT
    version.save()
    assert browser.post(page(version, "settings/"), sent).status_code == 302
    version.refresh_from_db()
    after = written_terms(version)
    assert {**after, "components": None} == {**before, "components": None}


def test_a_number_that_would_be_read_wrongly_is_refused_beside_its_field(analyst, signed_in):
    version = draft(FLAT)
    sent = typed(version, name="Own", of="amount", against="quota", tiers=[["0", "5"], ["100", "8%"]])
    answer = signed_in(analyst).post(page(version, "add/?form=marginal"), sent)
    assert answer.status_code == 400
    assert answer.context["form"].errors["tiers"] == [
        "“5” would be 500%. Write 5%.",
        "“100” would be 10000%. Write 100%.",
    ]
    assert 'value="8%"' in answer.content.decode()
    version.refresh_from_db()
    assert version.terms == FLAT


def test_what_the_engine_refuses_stands_beside_its_field(analyst, signed_in):
    version = draft(FLAT)
    sent = typed(version, name="Own", of="amount", against="quota", tiers=[["100%", "5%"], ["50%", "8%"]])
    answer = signed_in(analyst).post(page(version, "add/?form=marginal"), sent)
    assert answer.status_code == 400
    assert "<li>Each must begin above the one before." in str(answer.context["form"].errors["tiers"])


def test_german_numbers_are_understood(analyst, signed_in):
    version = draft(FLAT)
    sent = typed(version, name="Own", of="amount", rate="2,5 %", cap=[["year", "1.200,50", "", ""]])
    assert signed_in(analyst).post(page(version, "add/?form=flat"), sent).status_code == 302
    made = components(version)[-1]
    assert made["rate"] == "2.5%"
    assert made["cap"] == {"per": "year", "amount": "1200.5"}


def test_a_stale_edit_shows_both_values_and_changes_nothing(analyst, colleague, signed_in):
    version = draft(FLAT)
    form = signed_in(analyst).get(page(version, "components/own/")).context["form"]
    theirs = {**FLAT["components"][0], "rate": "6%"}
    save_component(actor=colleague, version=version, revision=version.revision, code="own", said=theirs)
    sent = as_posted(form) | {"rate": "7%"}
    answer = signed_in(analyst).post(page(version, "components/own/"), sent)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "7%" in shown
    assert "6%" in shown
    assert colleague.name in shown
    assert components(version)[0]["rate"] == "6%"
    keep = {one["name"]: one["value"] for one in answer.context["conflict"]["hidden"]} | {"keep": "yours"}
    assert signed_in(analyst).post(page(version, "components/own/"), keep).status_code == 302
    assert components(version)[0]["rate"] == "7%"


def test_components_are_moved_duplicated_and_removed(analyst, signed_in):
    version = draft({"plan": "P", "currency": "EUR", "components": [MARGIN, SCORES]})
    browser = signed_in(analyst)
    for what, codes in [
        ("down", ["mbo", "margin"]),
        ("up", ["margin", "mbo"]),
        ("duplicate", ["margin", "margin-copy", "mbo"]),
        ("remove", ["margin-copy", "mbo"]),
    ]:
        sent = {"revision": version.revision}
        assert browser.post(page(version, f"components/margin/{what}/"), sent).status_code == 302
        assert [one["code"] for one in components(version)] == codes
    assert Event.objects.filter(subject_id=str(version.pk), verb="plan draft changed").count() == 4


def test_a_component_that_others_need_is_not_removed(analyst, signed_in):
    version = draft({"plan": "P", "currency": "EUR", "components": [ODD, MARGIN]})
    answer = signed_in(analyst).post(
        page(version, "components/margin/remove/"), {"revision": version.revision}
    )
    assert answer.status_code == 400
    assert "“margin” is no component of this plan" in answer.content.decode()
    assert len(components(version)) == 2


def test_a_stale_arrangement_is_refused(analyst, signed_in):
    version = draft({"plan": "P", "currency": "EUR", "components": [MARGIN, SCORES]})
    sent = {"revision": 7}
    assert signed_in(analyst).post(page(version, "components/margin/remove/"), sent).status_code == 409
    with pytest.raises(Conflict):
        use_template(actor=analyst, version=version, revision=7, template="flat")
    with pytest.raises(Conflict):
        save_settings(actor=analyst, version=version, revision=7, said={"plan": "Q"})


def test_a_template_joins_with_codes_of_its_own_and_its_links_follow(analyst):
    version = draft(terms_of("matrix", name="P", currency="EUR"))
    use_template(actor=analyst, version=version, revision=version.revision, template="matrix")
    rows = components(version)
    assert [one["code"] for one in rows] == ["own", "margin", "both", "own-2", "margin-2", "both-2"]
    assert rows[5]["matrix"]["rows_by"] == "own-2"
    assert rows[5]["matrix"]["columns_by"] == "margin-2"


def test_an_empty_draft_takes_a_template_as_a_whole(analyst, signed_in):
    version = draft()
    sent = {"revision": version.revision, "template": "guarantee"}
    assert signed_in(analyst).post(page(version, "template/"), sent).status_code == 302
    version.refresh_from_db()
    assert version.terms["draw"]["amount"] == 2000
    with pytest.raises(Invalid, match="There is no template"):
        use_template(actor=analyst, version=version, revision=version.revision, template="nothing")


def test_a_version_that_is_no_draft_is_only_read(analyst, signed_in):
    version = plan_of(TERMS)
    browser = signed_in(analyst)
    shown = browser.get(page(version)).content.decode()
    assert "it changes only as a draft" in shown
    assert "Add a component" not in shown
    assert browser.get(page(version, "components/own/")).status_code == 302
    assert (
        browser.post(page(version, "components/own/remove/"), {"revision": version.revision}).status_code
        == 409
    )
    with pytest.raises(Refused, match="changes only as a draft"):
        save_component(actor=analyst, version=version, revision=version.revision, code="own", said=MARGIN)


def test_only_those_who_plan_pay_build_and_reps_see_no_plan(executive, sales_rep, stranger, signed_in):
    version = draft(FLAT)
    assert signed_in(executive).get(page(version)).status_code == 200
    assert signed_in(executive).get(page(version, "components/own/")).status_code == 403
    for person in (sales_rep, stranger):
        for rest in ("", "forms/", "settings/", "components/own/", "add/?form=flat"):
            assert signed_in(person).get(page(version, rest)).status_code in {403, 404}
        assert signed_in(person).get(f"/pay/versions/{version.pk}/yaml/").status_code in {403, 404}
    with pytest.raises(Denied):
        save_component(actor=sales_rep, version=version, revision=version.revision, code="own", said=MARGIN)
    with pytest.raises(Denied):
        arrange_component(
            actor=executive, version=version, revision=version.revision, code="own", what="remove"
        )


def test_terms_that_do_not_read_are_shown_with_every_fault(analyst, signed_in):
    version = draft({"plan": "P", "currency": "EUR", "components": [{"code": "x", "form": "whole"}]})
    shown = signed_in(analyst).get(page(version)).content.decode()
    assert "These terms do not read as a plan" in shown
    assert "component x: tiers: at least one is needed" in shown


def test_the_example_takes_other_quotas_and_refuses_nonsense(analyst, signed_in):
    version = draft(terms_of("accelerator", name="P", currency="EUR"))
    browser = signed_in(analyst)
    shown = browser.get(page(version, "?quota-own=2 000 000")).content.decode()
    assert "50\u202f000" in shown
    for bad in ("x", "-5", "9" * 40, "NaN", "5%"):
        answer = browser.get(page(version), {"quota-own": bad})
        assert answer.status_code == 200
        assert answer.context["wrong"]


def test_the_page_of_a_long_plan_asks_few_queries(analyst, signed_in, pinned_queries):
    rows = [{**MARGIN, "code": f"c{n}"} for n in range(8)]
    version = draft({"plan": "P", "currency": "EUR", "components": rows})
    browser = signed_in(analyst)
    browser.get(page(version))
    with pinned_queries("compensation plan builder"):
        assert browser.get(page(version)).status_code == 200
