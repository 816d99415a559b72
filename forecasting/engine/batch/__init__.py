"""Methods that forecast many series at once: the loop runs over time, NumPy over series × candidates.

Read in this order: lanes (the layout), seasonality, theta, ets_recursion, ets_initial, ets_search.
"""
