"""Stage 2: sales, marketing and finance speak, the analysts review, the consensus is frozen."""

import datetime as dt

from catalog.engine.months import add_months
from catalog.models import Family, Market, Product
from core.errors import Refused
from demo.company.span import first_day
from demo.company.words import ANALYST, COORDINATOR, MANAGER, SALES_MANAGER, SECOND_ANALYST
from demo.loading.cycles.meetings import hold, write_registers
from demo.loading.cycles.told import Chapter, tick_all, who
from planning.models import ConsensusTotal, DemandEvent, DemandInput, FamilyReview, Stream
from planning.services.consensus import freeze_demand
from planning.services.demand import write_input
from planning.services.demand_events import add_event
from planning.services.pipeline_inputs import take_pipeline
from planning.services.reviews import review_family
from planning.services.streams import submit_stream, waive_stream

SPEAKERS = {"sales": SALES_MANAGER, "marketing": COORDINATOR, "finance": ANALYST}
NO_PIPELINE = "How the open deals stood that month was not kept; the baseline speaks for them."
NOTES = (
    "Season and level look right.",
    "Campaign months are above last year, as they should be.",
    "Two products near the end of their life; the others are fine.",
    "Compared with the order book: in line.",
)
ATTENTION = "The last two months came out well below the forecast; ask sales why."
LAUNCH_UNITS, LAUNCH_MONTHS = 20, 3


def work(chapter: Chapter) -> None:
    """Everything until demand can be signed."""
    speak(chapter, is_over=True)
    hold(chapter, "Demand review", chapter.words.demand_minutes)
    tick_all(chapter)
    freeze_demand(actor=who(ANALYST), cycle=chapter.cycle)


def speak(chapter: Chapter, *, is_over: bool) -> None:
    """Inputs, events, streams and reviews. While the stage goes on, some of it still waits."""
    write_registers(chapter)
    write_inputs(chapter)
    date_launches(chapter)
    settle_streams(chapter, is_over=is_over)
    review(chapter, is_over=is_over)
    if not is_over:
        hold(chapter, "Demand review", "")


def write_inputs(chapter: Chapter) -> None:
    """Everybody's words, one input each; who has spoken already does not repeat it."""
    families, markets = Family.objects.in_bulk(field_name="code"), Market.objects.in_bulk(field_name="code")
    there = set(DemandInput.objects.filter(cycle=chapter.cycle).values_list(*CELL))
    for saying in chapter.sayings:
        month = first_day(saying.month)
        if (saying.stream, saying.family, saying.market or None, month) in there:
            continue
        write_input(
            actor=who(saying.speaker),
            cycle=chapter.cycle,
            stream=saying.stream,
            family=families[saying.family],
            market=markets[saying.market] if saying.market else None,
            month=month,
            kind=saying.kind,
            value=saying.value,
            reason_code=saying.reason_code,
            note=saying.note,
        )


CELL = ("stream", "family__code", "market__code", "month")


def date_launches(chapter: Chapter) -> None:
    """What is launched in the horizon gets its first dealers' stock as an event."""
    first = chapter.cycle.month
    end = add_months(first, LAUNCH_MONTHS * 2)
    soon = Product.objects.filter(launched_on__gte=first, launched_on__lt=end)
    there = set(DemandEvent.objects.filter(cycle=chapter.cycle).values_list("product", flat=True))
    for product in soon.exclude(pk__in=there).order_by("code"):
        begins = (product.launched_on or first).replace(day=1)
        add_event(
            actor=who(COORDINATOR),
            cycle=chapter.cycle,
            kind="launch",
            title=f"{product.name}: first stock of the shops",
            product=product,
            first=begins,
            last=add_months(begins, LAUNCH_MONTHS) - dt.timedelta(days=1),
            units_a_month=LAUNCH_UNITS,
        )


def settle_streams(chapter: Chapter, *, is_over: bool) -> None:
    """Who has spoken submits; in the open cycle marketing has, sales and finance have not."""
    is_open = dict(Stream.objects.filter(cycle=chapter.cycle, state="open").values_list("name", "pk"))
    for name, speaker in SPEAKERS.items():
        spoken = DemandInput.objects.filter(cycle=chapter.cycle, stream=name, is_withdrawn=False).exists()
        if name not in is_open or not (is_over or name == "marketing"):
            continue
        if spoken:
            submit_stream(actor=who(speaker), cycle=chapter.cycle, stream=name)
        else:
            reason = "Nothing to add to the baseline this month."
            waive_stream(actor=who(MANAGER), cycle=chapter.cycle, stream=name, reason=reason)
    if "pipeline" in is_open:
        hear_deals(chapter, is_over=is_over)


def hear_deals(chapter: Chapter, *, is_over: bool) -> None:
    """The open cycle hears the open deals; of the past ones nobody kept how the deals stood then."""
    if not is_over:
        try:
            take_pipeline(actor=who(ANALYST), cycle=chapter.cycle)
        except Refused as refusal:
            if all(reason.code != "no_deals" for reason in refusal.reasons):
                raise
        else:
            return
    waive_stream(actor=who(MANAGER), cycle=chapter.cycle, stream="pipeline", reason=NO_PIPELINE)


def review(chapter: Chapter, *, is_over: bool) -> None:
    """The two analysts share the families; of the open cycle half are done and two need attention."""
    planned = Family.objects.filter(
        pk__in=ConsensusTotal.objects.filter(cycle=chapter.cycle).values("family")
    )
    done = set(FamilyReview.objects.filter(cycle=chapter.cycle).values_list("family", "state"))
    for number, family in enumerate(planned.order_by("code")):
        state, note = "reviewed", NOTES[(number + chapter.cycle.month.month) % len(NOTES)]
        if not is_over and number % 2:
            if number % 6 != 1:
                continue
            state, note = "attention", ATTENTION
        if (family.pk, state) not in done:
            reviewer = who(ANALYST if number % 3 else SECOND_ANALYST)
            review_family(actor=reviewer, cycle=chapter.cycle, family=family, state=state, note=note)
