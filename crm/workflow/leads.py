"""How a lead moves: the guards of the move table, and which moves a person may make now."""

from catalog.engine.moves import Move
from catalog.workflow import Guard, Workflow
from core.errors import Reason, Refused
from core.models import Person
from core.roles import can
from crm.engine.lead_moves import LEAD_MOVES
from crm.models import Lead
from crm.selectors.leads import is_up_for_claim, lead_path, rep_of


def can_be_claimed(lead: Lead, actor: Person | None) -> list[Reason]:
    """Only a rep claims, and only a lead that nobody took."""
    if actor is not None and rep_of(actor) is None:
        text = "Only a rep claims leads, and you are none here. Give it to a rep, or be linked to one."
        return [Reason(text, "not_a_rep")]
    if is_up_for_claim(lead):
        return []
    who = lead.owner.name if lead.owner is not None else "Somebody"
    return [Reason(f"{who} has this lead already. Only leads that nobody took are up for claim.", "taken")]


def is_own(lead: Lead, actor: Person | None) -> list[Reason]:
    """Whoever does not manage leads works on the own ones only."""
    if actor is None or can(actor, "leads.manage"):
        return []
    if lead.owner is not None and lead.owner.person_id == actor.pk:
        return []
    if is_up_for_claim(lead):
        return [Reason("This lead is not yours yet. Claim it first.", "not_own")]
    who = lead.owner.name if lead.owner is not None else "nobody"
    return [Reason(f"This lead is with {who}. Ask for it to be given to you.", "not_own")]


GUARDS: dict[str, Guard] = {guard.__name__: guard for guard in (can_be_claimed, is_own)}


LEADS = Workflow(LEAD_MOVES, GUARDS, "lead")


def offered_moves(lead: Lead, person: Person) -> list[Move]:
    """The moves that the person may make now, in the table's order; a merged lead has none."""
    if lead.duplicate_of_id is not None:
        return []
    return [move for move in LEADS.offered(lead, person) if not LEADS.refusals(lead, move, person)]


def allowed(lead: Lead, name: str, actor: Person | None, reason: str) -> Move:
    """The move, if it can be made now. Raises Refused with every reason, Denied by role."""
    if lead.duplicate_of is not None:
        text = f"This lead was merged into {lead.duplicate_of}. Work on that one."
        raise Refused(Reason(text, "merged", url=lead_path(lead.duplicate_of)))
    return LEADS.allowed(lead, name, actor, reason=reason)
