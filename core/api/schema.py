"""The OpenAPI schema of the whole API."""

from drf_spectacular.views import SpectacularAPIView

from core.api.permissions import DeclaredAction


class Schema(SpectacularAPIView):
    """OpenAPI 3, as YAML or (Accept: application/vnd.oai.openapi+json) JSON."""

    permission_classes = [DeclaredAction]
    actions = {"get": "api.docs"}
