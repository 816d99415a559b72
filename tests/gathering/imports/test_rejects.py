"""Bad rows: downloaded, mended, uploaded again; nothing is lost and nothing comes in twice."""

from collections.abc import Callable

import pytest

from core.errors import Invalid, Refused
from core.models import Person
from gathering.models import ImportRun, ImportState, SalesLine
from gathering.selectors.imports import rejects_file
from gathering.services.imports import cancel_import, commit_now
from tests.gathering.imports.conftest import lines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog")]
Bring = Callable[..., ImportRun]
GOOD = "S1,1,2024-01-05,P1,M1,2,20.00,12.00"
BAD = "S2,1,2024-01-06,P1,M1,many,30.00,18.00"


def _rejects(run: ImportRun, person: Person) -> str:
    return "".join(rejects_file(person, run))


def test_the_rejects_hold_the_row_its_problem_and_the_files_own_columns(
    bring: Bring, analyst: Person
) -> None:
    run = bring("sales", lines(GOOD, BAD))

    assert _rejects(run, analyst).splitlines() == [
        "row in the file,problem,order_number,line,day,product,market,quantity,revenue,cost",
        "3,\"Quantity is not a number. Write it like 1234.5, or set “decimal: ','” in the profile "
        'if the file uses it.",S2,1,2024-01-06,P1,M1,many,30.00,18.00',
    ]


def test_mended_rejects_are_committed_and_keep_their_row_numbers(bring: Bring, analyst: Person) -> None:
    run = bring("sales", lines(GOOD, BAD))

    mended = bring("sales", _rejects(run, analyst).replace("many", "3"), mends=run)

    assert (mended.state, mended.rows_good, mended.mends) == (ImportState.COMMITTED, 1, run)
    assert SalesLine.objects.get(order_number="S2").row_number == 3


def test_rejects_of_a_foreign_format_come_back_as_our_csv_under_the_same_profile(
    bring: Bring, analyst: Person
) -> None:
    definition = """
        delimiter: ";"
        encoding: cp1252
        header_row: 2
        date_format: DMY
        decimal: ","
        columns:
          {order_number: Beleg, line: Pos, day: Tag, product: Artikel, market: Gebiet, quantity: Menge,
           revenue: Umsatz}
    """
    text = (
        "Verkäufe\nBeleg;Pos;Tag;Artikel;Gebiet;Menge;Umsatz\n"
        "A;1;05.01.2024;P1;M1;1;1.234,50\nB;1;06.01.2024;P1;M1;?;2,5\n"
    )
    run = bring("sales", text.encode("cp1252"), definition=definition)

    mended = bring("sales", _rejects(run, analyst).replace("?", "4"), mends=run)

    assert mended.rows_good == 1
    assert sorted(str(line.revenue) for line in SalesLine.objects.all()) == ["1234.5000", "2.5000"]


def test_a_mended_line_without_a_number_does_not_restate_its_twin(bring: Bring, analyst: Person) -> None:
    header = "day,product,market,quantity,revenue"
    run = bring("sales", lines("2024-01-05,P1,M1,1,10", "2024-01-05,P1,M1,x,10", header=header))

    bring("sales", _rejects(run, analyst).replace(",x,", ",1,"), mends=run)

    assert SalesLine.objects.count() == 2


def test_formulas_are_guarded_in_the_rejects_and_come_back_as_they_were(
    bring: Bring, analyst: Person
) -> None:
    header = "order_number,line,day,product,market,quantity,revenue"
    run = bring("sales", lines("=1+2,1,2024-01-05,P1,M1,x,-5", header=header))

    text = _rejects(run, analyst)
    bring("sales", text.replace(",x,", ",1,"), mends=run)

    assert "'=1+2,1,2024-01-05,P1,M1,x,-5" in text
    assert SalesLine.objects.get().order_number == "=1+2"


def test_a_changed_row_column_is_refused(bring: Bring, analyst: Person) -> None:
    run = bring("sales", lines(GOOD, BAD))

    with pytest.raises(Refused, match="must stay as it was downloaded"):
        bring("sales", _rejects(run, analyst).replace("\n3,", "\nx,"), mends=run)


def test_without_allowing_rejects_nothing_is_committed_until_a_person_says_so(
    bring: Bring, coordinator: Person
) -> None:
    run = bring("sales", lines(GOOD, BAD), allow_rejects=False)
    assert (run.state, SalesLine.objects.count()) == (ImportState.CHECKED, 0)

    commit_now(actor=coordinator, run=run)

    assert SalesLine.objects.count() == 1


def test_a_cancelled_import_cannot_be_committed(bring: Bring, coordinator: Person) -> None:
    run = bring("sales", lines(GOOD), dry_run=True)
    run = cancel_import(actor=coordinator, run=run, reason="The wrong month")

    with pytest.raises(Refused, match="Cancelled"):
        commit_now(actor=coordinator, run=run)

    assert not SalesLine.objects.exists()


def test_a_profile_with_mistakes_is_refused_with_all_of_them(bring: Bring) -> None:
    with pytest.raises(Invalid) as refusal:
        bring("sales", lines(GOOD), definition="delimitr: x\ndecimal: ;\ncolumns: {colour: Colour}")

    texts = [reason.text for reason in refusal.value.reasons]
    assert [text.split(":")[0] for text in texts] == ["delimitr", "columns.colour", "decimal"]


def test_an_unreadable_file_fails_with_a_sentence_and_changes_nothing(bring: Bring) -> None:
    with pytest.raises(Refused, match="This is a PNG picture"):
        bring("sales", b"\x89PNG\r\n\x1a\n" + b"\0" * 100)

    run = ImportRun.objects.get()
    assert (run.state, run.error[:21]) == (ImportState.FAILED, "This is a PNG picture")
