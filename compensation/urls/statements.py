"""Pages of statements, own pay and what-if."""

from django.urls import URLPattern, path

from compensation.views import statements
from compensation.views.line_credits import LineCredits
from compensation.views.own_pay import OwnPay, RepPay
from compensation.views.what_if import WhatIfPage

STATEMENTS = "pay/statements/"
ONE = f"{STATEMENTS}<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("pay/mine/", OwnPay.as_view(), name="own-pay"),
    path("pay/mine/what-if/", WhatIfPage.as_view(), name="what-if"),
    path("pay/reps/<int:pk>/", RepPay.as_view(), name="rep-pay"),
    path("pay/reps/<int:pk>/what-if/", WhatIfPage.as_view(), name="rep-what-if"),
    path(STATEMENTS, statements.StatementList.as_view(), name="statement-list"),
    path(ONE, statements.StatementPage.as_view(), name="statement"),
    path(f"{ONE}lines/", statements.StatementLines.as_view(), name="statement-lines"),
    path("pay/lines/<int:pk>/credits/", LineCredits.as_view(), name="line-credits"),
    path(f"{ONE}pdf/", statements.StatementPdf.as_view(), name="statement-pdf"),
]
