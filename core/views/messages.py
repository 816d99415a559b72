"""Notifications behind the bell, and comments on any object."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core import subjects
from core.access import Page, person_of, requires
from core.errors import Invalid
from core.models import Comment, Notification
from core.pages import EditPage
from core.selectors.messages import comment_lines, comments_by, notifications_of
from core.services import delete_comment, edit_comment, mark_read, write_comment

SHOWN = 100


class NotificationsPage(Page):
    action = "account.own"

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"notifications": notifications_of(request.user)[:SHOWN], "shown": SHOWN}
        return render(request, "core/notifications.html", context)


@requires("account.own")
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks it as read on the way to what it tells about."""
    notification: Notification = get_object_or_404(notifications_of(request.user), pk=pk)
    mark_read(actor=person_of(request), notification_id=pk)
    safe = url_has_allowed_host_and_scheme(notification.url, allowed_hosts={request.get_host()})
    return redirect(notification.url if notification.url and safe else "core:notifications")


@require_POST
@requires("account.own")
def read_all(request: HttpRequest) -> HttpResponse:
    mark_read(actor=person_of(request))
    return redirect("core:notifications")


class CommentForm(forms.Form):
    text = forms.CharField(
        label="Comment",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Name people as @First Last or by @e-mail: they are told.",
    )


@require_POST
@requires("comments.write")
def comment_add(request: HttpRequest) -> HttpResponse:
    """Answers htmx with the comments, and a plain form with the page of the object."""
    kind, key = request.POST.get("subject_type", ""), request.POST.get("subject_id", "")
    subject, row = subjects.find(request.user, kind, key)
    form = CommentForm(request.POST)
    if form.is_valid():
        write_comment(
            actor=person_of(request), subject_type=kind, subject_id=key, text=form.cleaned_data["text"]
        )
        form = CommentForm()
    elif not request.htmx:  # type: ignore[attr-defined]
        raise Invalid("Write something first.")
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{subject.url(row)}#comments")
    return render(request, "parts/comments.html", comments_context(row, request.user, form))


def comments_context(row: Any, person: Any, form: CommentForm | None) -> dict[str, Any]:
    return {
        "comments": comment_lines(row, person),
        "comment_form": form,
        "comment_url": reverse("core:comment-add"),
        "subject_type": row._meta.label_lower,
        "subject_id": row.pk,
    }


class CommentEdit(EditPage):
    action = "comments.write"
    form_class = CommentForm
    heading = "Edit your comment"
    submit_label = "Save the comment"
    template_name = "core/comment.html"
    done = "Your comment is saved."

    def rows(self, request: HttpRequest) -> QuerySet:
        return comments_by(request.user)

    def change(self, request: HttpRequest, row: Comment, revision: int, data: dict[str, Any]) -> Comment:
        return edit_comment(actor=person_of(request), comment=row, revision=revision, text=data["text"])

    def done_url(self, request: HttpRequest, saved: Comment) -> str:
        return f"{saved.subject_url}#comments"


@require_POST
@requires("comments.write")
def comment_delete(request: HttpRequest, pk: int) -> HttpResponse:
    comment = delete_comment(
        actor=person_of(request), comment=get_object_or_404(comments_by(request.user), pk=pk)
    )
    messages.success(request, "Your comment is deleted.")
    return redirect(f"{comment.subject_url}#comments")
