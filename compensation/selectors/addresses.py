"""Addresses of the room's pages that workflows, services and messages name."""

from typing import Any

from django.urls import reverse


def pay_plan_path(pk: Any) -> str:
    """The page of a plan."""
    return reverse("compensation:plan", args=[pk])


def plan_version_path(pk: Any) -> str:
    """The page of a version."""
    return reverse("compensation:plan-version", args=[pk])


def assignment_path(pk: Any) -> str:
    """The page of who is on a plan."""
    return reverse("compensation:assignment", args=[pk])


def position_path(pk: Any) -> str:
    """The page of a position."""
    return reverse("compensation:position", args=[pk])


def pay_of_rep_path(pk: Any) -> str:
    """The page of a rep's positions and plans."""
    return reverse("compensation:rep-plans", args=[pk])


def goals_rep_path(version: Any, rep: Any) -> str:
    """A rep's goals document."""
    return reverse("compensation:goals-rep", args=[version, rep])
