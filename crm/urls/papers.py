"""Pages of order papers, and of bookings."""

from django.urls import URLPattern, path

from crm.views import bookings, paper_exceptions, paper_moves, papers

urlpatterns: list[URLPattern] = [
    path("crm/bookings/", bookings.BookingList.as_view(), name="booking-list"),
    path("crm/papers/", papers.PaperList.as_view(), name="paper-list"),
    path("crm/papers/add/", papers.PaperAdd.as_view(), name="paper-add"),
    path("crm/papers/exceptions/", paper_exceptions.PaperExceptions.as_view(), name="paper-exceptions"),
    path("crm/papers/<int:pk>/", papers.PaperPage.as_view(), name="paper"),
    path("crm/papers/<int:pk>/edit/", papers.PaperEdit.as_view(), name="paper-edit"),
    path("crm/papers/<int:pk>/approval/", paper_moves.PaperApproval.as_view(), name="paper-approval"),
    path("crm/papers/<int:pk>/delivery/", paper_moves.PaperDelivery.as_view(), name="paper-delivery"),
    path("crm/papers/<int:pk>/moves/<slug:name>/", paper_moves.PaperMove.as_view(), name="paper-move"),
]
