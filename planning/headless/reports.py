"""What a headless cycle leaves behind: CSV files, the pack, and summary.json."""

import json
from typing import Any

from planning.headless.capacity import capacity_balance
from planning.headless.comparison import compare
from planning.headless.run import Run
from planning.headless.tables import write_pack, write_tables
from planning.models import AccuracyReport, Release


def write_reports(run: Run) -> None:
    """Write everything into the folder, summary.json last: it names the others."""
    release = Release.objects.select_related("run__cycle").get(cycle=run.cycle)
    out = run.wishes.out
    run.figures["rows"] = write_tables(run.cycle, release, out)
    run.figures["bytes"] = write_pack(release, out)
    run.figures["release"] = {"pk": release.pk, "sha256": release.content_hash}
    run.figures["capacity"] = capacity_balance(release.run)
    run.figures["accuracy"] = _accuracy(run)
    comparison = compare(run.cycle)
    if comparison:
        run.figures["comparison"] = comparison
    text = json.dumps(_summary(run), indent=2, default=str, ensure_ascii=False)
    (out / "summary.json").write_text(text + "\n", encoding="utf-8")


def _summary(run: Run) -> dict[str, Any]:
    """Figures of each step, what was accepted without a person, and how long everything took."""
    return {
        "cycle": str(run.cycle),
        "month": run.cycle.month.isoformat(),
        "horizon": run.cycle.horizon,
        "sha256": run.figures["release"]["sha256"],
        **run.figures,
        "accepted_automatically": [
            {"stage": stage, "what": what, "why": why} for stage, what, why in run.accepted
        ],
        "signed_by": [person.email for person in run.signers],
        "seconds": run.seconds | {"all": round(sum(run.seconds.values()), 2)},
    }


def _accuracy(run: Run) -> dict[str, Any]:
    report = AccuracyReport.objects.filter(cycle=run.cycle).order_by("-pk").first()
    return {"basis": report.basis, **report.content["total"]} if report else {}
