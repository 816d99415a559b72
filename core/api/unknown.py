"""Addresses of the API that do not exist answer as the rest of it does, not with a page."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class UnknownAddress(APIView):
    """The last route: what no other took."""

    schema = None
    actions = dict.fromkeys(("get", "post", "put", "patch", "delete"), "api.docs")

    def get(self, request: Request, **_: Any) -> Response:
        raise Http404("There is nothing at this address; all end with a slash. /api/docs/ lists them.")

    post = put = patch = delete = get
