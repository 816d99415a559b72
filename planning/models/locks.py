"""What the database itself refuses: changes to what machines made, and to a released cycle."""

import pgtrigger

IMMUTABLE = pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete)

CYCLE_IS_OPEN = """
    IF EXISTS (
        SELECT 1 FROM planning_cycle c
        WHERE c.id = COALESCE(NEW.cycle_id, OLD.cycle_id)
          AND c.stage IN ('released', 'superseded', 'abandoned')
    ) THEN
        RAISE EXCEPTION 'The cycle is over: what it was made of does not change any more.';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""

CYCLE_STAYS = """
    IF ROW(NEW.month, NEW.issue, NEW.supersedes_id, NEW.horizon, NEW.forecast_run_id, NEW.released)
        IS DISTINCT FROM
       ROW(OLD.month, OLD.issue, OLD.supersedes_id, OLD.horizon, OLD.forecast_run_id, OLD.released)
    THEN
        RAISE EXCEPTION 'A cycle that is over does not change; open a revision of it.';
    END IF;
    RETURN NEW;
"""


def never_after_release() -> pgtrigger.Trigger:
    """Rows of a cycle that is released, superseded or abandoned stay as they are."""
    return pgtrigger.Trigger(
        name="never_after_release",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=CYCLE_IS_OPEN,
    )


def released_stays() -> pgtrigger.Trigger:
    """Of a cycle that is over only the stage can change, by a move of the table."""
    return pgtrigger.Trigger(
        name="released_stays",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__stage__in=["released", "superseded", "abandoned"]),
        func=CYCLE_STAYS,
    )


def never_added_to(rows: str) -> pgtrigger.Trigger:
    """Rows of a release come before the release itself: once it is there, no more are taken."""
    return pgtrigger.Trigger(
        name=f"never_added_to_{rows}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="added"),
        func="""
            IF EXISTS (SELECT 1 FROM planning_release r WHERE r.id IN (SELECT release_id FROM added)) THEN
                RAISE EXCEPTION 'This plan is released: nothing is added to it.';
            END IF;
            RETURN NULL;
        """,
    )
