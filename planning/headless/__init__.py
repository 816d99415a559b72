"""A whole cycle without a browser: a folder of files in, a released plan and its exports out.

folder reads what the folder holds, company and importing bring it in, stages walks the cycle through
its five stages by the same services as the pages, reports writes what came of it.
"""
