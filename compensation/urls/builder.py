"""Pages of the plan builder: components by form, templates, YAML in and out."""

from django.urls import URLPattern, path

from compensation.views import builder, builder_plans

VERSION = "pay/versions/<int:pk>/"
BUILDER = f"{VERSION}builder/"
COMPONENT = f"{BUILDER}components/<str:code>/"

urlpatterns: list[URLPattern] = [
    path("pay/plans/new/", builder_plans.PlanFromTemplate.as_view(), name="plan-from-template"),
    path("pay/plans/import/", builder_plans.PlanImport.as_view(), name="plan-import"),
    path("pay/plans/<int:pk>/import/", builder_plans.VersionImport.as_view(), name="plan-version-import"),
    path(f"{VERSION}yaml/", builder.PlanYaml.as_view(), name="plan-yaml"),
    path(BUILDER, builder.PlanBuilder.as_view(), name="plan-builder"),
    path(f"{BUILDER}settings/", builder.PlanSettings.as_view(), name="plan-builder-settings"),
    path(f"{BUILDER}template/", builder.TemplateUse.as_view(), name="plan-builder-template"),
    path(f"{BUILDER}forms/", builder.ComponentForms.as_view(), name="plan-component-forms"),
    path(f"{BUILDER}add/", builder.ComponentEdit.as_view(), name="plan-component-add"),
    path(COMPONENT, builder.ComponentEdit.as_view(), name="plan-component"),
    path(f"{COMPONENT}<slug:what>/", builder.ComponentArrange.as_view(), name="plan-component-arrange"),
]
