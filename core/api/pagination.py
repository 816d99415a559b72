"""Pages of the API."""

from rest_framework.pagination import PageNumberPagination


class NumberedPages(PageNumberPagination):
    """`?page=2&page_size=200`: 100 rows unless told, 1,000 at most."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
