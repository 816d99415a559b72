"""Plans as YAML files: out as a person would write them, in as a new plan or a draft, never half."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from compensation.engine.plan_templates import TEMPLATES, terms_of
from compensation.models import PayPlan, PlanVersion
from compensation.selectors.builder import written_terms
from compensation.services.builder import import_plan, import_version
from core.errors import Conflict, Denied, Invalid, Refused
from tests.compensation.company import FLAT, TERMS, euro, plan_of
from tests.compensation.test_builder import draft

pytestmark = pytest.mark.django_db
BROKEN = "plan: P\ncurrency: EUR\ncomponents:\n- code: a\n  form: whole\n- code: b\n  form: nonsense\n"


def text_of(version, browser):
    answer = browser.get(f"/pay/versions/{version.pk}/yaml/")
    assert "attachment" in answer["Content-Disposition"]
    return answer.content.decode()


def test_every_template_leaves_and_comes_back_as_the_same_plan(analyst, signed_in):
    browser = signed_in(analyst)
    for template in TEMPLATES:
        version = draft(terms_of(template.code, name="P", currency="EUR"), template.code)
        text = text_of(version, browser)
        made = import_plan(actor=analyst, code=f"{template.code}-2", name="", text=text)
        assert written_terms(made) == written_terms(version)


def test_a_file_is_uploaded_as_a_new_plan(analyst, signed_in):
    text = text_of(plan_of(TERMS), signed_in(analyst))
    sent = {"code": "new", "name": "New plan", "file": SimpleUploadedFile("plan.yaml", text.encode())}
    answer = signed_in(analyst).post("/pay/plans/import/", sent)
    made = PlanVersion.objects.get(plan__code="new")
    assert answer.headers["Location"] == f"/pay/versions/{made.pk}/builder/"
    assert made.state == "draft"
    assert written_terms(made)["components"][0]["tiers"] == TERMS["components"][0]["tiers"]


def test_every_fault_is_named_with_its_line_and_nothing_changes(analyst, signed_in):
    euro()
    sent = {"code": "new", "name": "New plan", "text": BROKEN}
    answer = signed_in(analyst).post("/pay/plans/import/", sent)
    assert answer.status_code == 400
    errors = " ".join(answer.context["form"].errors["text"])
    assert "Line 7, component b.form: “nonsense” is unknown." in errors
    assert BROKEN.splitlines()[0] in answer.content.decode()
    assert not PayPlan.objects.exists()


@pytest.mark.parametrize(
    "text", ["", "- a", "a: [", "plan: &a x", "plan: x\nplan: y", "x: " + "[" * 2000, "plan: \x00"]
)
def test_what_is_no_plan_is_refused_in_words(text, analyst):
    euro()
    with pytest.raises(Invalid) as refusal:
        import_plan(actor=analyst, code="new", name="New", text=text)
    assert all(reason.field == "text" and reason.text for reason in refusal.value.reasons)
    assert not PayPlan.objects.exists()


def test_a_file_that_is_no_text_is_refused(analyst, signed_in):
    sent = {"code": "new", "name": "New", "file": SimpleUploadedFile("plan.yaml", b"\xff\xfe\x00")}
    answer = signed_in(analyst).post("/pay/plans/import/", sent)
    assert answer.status_code == 400
    assert "Save it as YAML in UTF-8" in answer.content.decode()


def test_a_file_into_a_plan_makes_a_draft_or_changes_the_one_there(analyst, signed_in):
    version = plan_of(TERMS)
    text = text_of(version, signed_in(analyst)).replace("rate: 8%", "rate: 9%")
    page = f"/pay/plans/{version.plan_id}/import/"
    assert signed_in(analyst).post(page, {"text": text}).status_code == 302
    made = PlanVersion.objects.get(plan=version.plan, number=2)
    assert made.terms["components"][0]["tiers"][1]["rate"] == "9%"
    form = signed_in(analyst).get(page).context["form"]
    changed = text.replace("rate: 9%", "rate: 10%")
    sent = {"text": changed, "revision": form["revision"].value()}
    assert signed_in(analyst).post(page, sent).status_code == 302
    made.refresh_from_db()
    assert made.terms["components"][0]["tiers"][1]["rate"] == "10%"
    with pytest.raises(Conflict):
        import_version(actor=analyst, plan=version.plan, text=text, revision=form["revision"].value())
    made.refresh_from_db()
    assert made.terms["components"][0]["tiers"][1]["rate"] == "10%"


def test_a_version_that_waits_for_approval_takes_no_file(analyst):
    version = draft(FLAT)
    PlanVersion.objects.update(state="submitted")
    with pytest.raises(Refused, match="changes only as a draft"):
        import_version(
            actor=analyst,
            plan=version.plan,
            text="plan: P\ncurrency: EUR\ncomponents:\n- {code: a, form: flat, rate: 1%}\n",
        )


def test_only_those_who_plan_pay_import(executive, sales_rep, signed_in):
    version = draft(FLAT)
    for person in (executive, sales_rep):
        for page in ("/pay/plans/import/", f"/pay/plans/{version.plan_id}/import/", "/pay/plans/new/"):
            assert signed_in(person).post(page, {"text": "plan: x"}).status_code == 403
        with pytest.raises(Denied):
            import_plan(actor=person, code="x", name="X", text="plan: x")


def test_all_of_it_by_api(analyst, executive, sales_rep, api):
    euro()
    at = "/api/v1/plan-builder/"
    begun = api(analyst).post(
        f"{at}start/", {"code": "x", "name": "X", "template": "accelerator", "currency": "EUR"}
    )
    assert begun.status_code == 201
    one, revision = f"{at}{begun.data['id']}/", begun.data["revision"]
    said = {"name": "Team", "form": "flat", "measure": {"whose": "team"}, "rate": "1%"}
    made = api(analyst).post(f"{one}component/", {"revision": revision, "component": said}, format="json")
    assert made.status_code == 200
    stale = api(analyst).post(f"{one}component/", {"revision": revision, "component": said}, format="json")
    assert stale.status_code == 409
    sent = {"revision": made.data["revision"], "code": "team", "what": "up"}
    assert api(analyst).post(f"{one}arrange/", sent).status_code == 200
    told = api(executive).get(f"{one}told/").data
    assert [row["code"] for row in told["components"]] == ["team", "own"]
    assert told["components"][1]["pay"][told["components"][1]["levels"].index("1")] == "30000.00"
    text = api(executive).get(f"{one}yaml/").data["text"]
    again = api(analyst).post(f"{at}import/", {"code": "y", "name": "Y", "text": text})
    assert again.status_code == 201
    bad = api(analyst).post(f"{at}import/", {"code": "z", "name": "Z", "text": BROKEN})
    assert bad.status_code == 400
    assert "Line 7" in str(bad.data)
    settings = {"revision": told["revision"], "settings": {"plan": "X", "currency": "EUR", "places": 0}}
    assert api(analyst).post(f"{one}settings/", settings, format="json").status_code == 200
    assert api(sales_rep).get(f"{one}told/").status_code == 403
    assert api(executive).post(f"{one}arrange/", sent).status_code == 403
