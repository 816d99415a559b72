"""Why a rep is credited: the rule, who covered the account that day, the split, what it takes back."""

from dataclasses import dataclass

from compensation.models import Credit, CreditKind, DealSplit, Getter
from compensation.selectors.credits import credit_url
from core.formats import grouped
from core.models import Person
from crm.models import TeamMembership
from crm.selectors.accounts import accounts_visible_to
from crm.selectors.deals import deals_visible_to
from territories.models import Assignment
from territories.selectors.addresses import account_coverage_path


@dataclass(frozen=True)
class Because:
    """One thing that led to a credit; `url` is where it is kept, where the reader may go there."""

    label: str
    text: str
    url: str = ""


def reasons_of_credit(user: Person | None, credit: Credit) -> list[Because]:
    """Everything that led to a credit, the rule first. The credit comes from selectors.credits."""
    found = [_rule(credit)]
    found += [*_split(user, credit), *_coverage(user, credit), *_team(credit)]
    found += _taken_back(credit)
    if credit.is_gone:
        found.append(Because("No longer counts", "It does not follow any more from the CRM and the rules."))
    return found


def _rule(credit: Credit) -> Because:
    if credit.kind == CreditKind.SPLIT:
        return Because("Split by hand", "The shares of the deal win over every rule.")
    if credit.rule is None:
        text = "No direct rule is in force on that day: the rep whom the deal or order names is credited."
        return Because("Without a rule", text)
    rule = credit.rule
    who = f" of {rule.rep.name}" if rule.getter == Getter.REP and rule.rep else ""
    return Because(f"Rule “{rule.name}”", f"{rule.get_kind_display()}: {rule.get_getter_display()}{who}.")


def _split(user: Person | None, credit: Credit) -> list[Because]:
    if credit.kind != CreditKind.SPLIT or credit.deal is None:
        return []
    row = DealSplit.objects.filter(deal=credit.deal, rep=credit.rep).first()
    if row is None:
        return []
    return [Because("Share", f"{row.percent.normalize():f} % of the deal. {row.reason}".strip())]


def _coverage(user: Person | None, credit: Credit) -> list[Because]:
    """Who covered the account in the rule's role on the day of the event that is credited."""
    rule, account = credit.rule, credit.account
    if rule is None or rule.getter != Getter.COVERAGE or account is None:
        return []
    day = credit.reverses.day if credit.reverses else credit.day
    row = (
        Assignment.objects.filter(account=account, role=rule.coverage_role, days__contains=day)
        .select_related("rep", "territory", "role")
        .first()
    )
    if row is None:
        return [Because("Coverage", f"Nobody has the role for {account.name} on {day:%d %b %Y} any more.")]
    until = f" until {row.days.upper:%d %b %Y}" if row.days.upper else ""
    since = f" from {row.days.lower:%d %b %Y}" if row.days.lower else ""
    text = (
        f"{row.rep.name} is {row.role.name.lower()} of {account.name} in {row.territory.name}{since}{until}."
    )
    sees = user is None or accounts_visible_to(user).filter(pk=account.pk).exists()
    return [Because("Coverage that day", text, account_coverage_path(account.pk) if sees else "")]


def _team(credit: Credit) -> list[Because]:
    if credit.kind != CreditKind.TEAM:
        return []
    day = credit.reverses.day if credit.reverses else credit.day
    row = TeamMembership.objects.filter(rep=credit.rep, days__contains=day).select_related("team").first()
    return [Because("Team that day", row.team.name)] if row else []


def _taken_back(credit: Credit) -> list[Because]:
    if credit.reverses is None:
        return []
    entry = credit.cancellation
    why = f"{entry.get_kind_display()}, {entry.percent.normalize():f} %: {entry.reason}" if entry else ""
    text = f"{grouped(credit.reverses.amount, 2)} of {credit.reverses.day:%d %b %Y}. {why}".strip()
    return [Because("Takes back", text, credit_url(credit.reverses))]


def sees_deal(user: Person | None, credit: Credit) -> bool:
    """Whether the person may open the deal behind a credit."""
    return credit.deal_id is not None and deals_visible_to(user).filter(pk=credit.deal_id).exists()
