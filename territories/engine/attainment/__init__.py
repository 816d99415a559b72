"""Attainment of quotas: what is closed, whether it is in time, where it will end, and whether it is fair.

Pure: numbers in, numbers out. Money is in base currency, shares are 1 for 100 %.
"""
