"""Where pages of coverage are, for messages and links that are made below the views."""

from typing import Any

from django.urls import reverse


def coverage_path(row: Any) -> str:
    """The page of a territory rep."""
    return reverse("territories:territory-rep", args=[row.pk])


def territory_coverage_path(territory_id: int) -> str:
    """The page of who covers a territory, day by day."""
    return reverse("territories:coverage-of-territory", args=[territory_id])


def account_coverage_path(account_id: int) -> str:
    """The page of who covered an account, day by day."""
    return reverse("territories:coverage-of", args=[account_id])


def rep_coverage_path(rep_id: int) -> str:
    """The page of what a rep covers, day by day."""
    return reverse("territories:coverage-of-rep", args=[rep_id])


def cover_path(row: Any) -> str:
    """The page of somebody who stands in."""
    return reverse("territories:cover", args=[row.pk])
