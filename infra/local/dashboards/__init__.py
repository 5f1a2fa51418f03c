"""Preview of the QuickSight dashboards on local gold: `make dashboards`.

It reads the definitions that are deployed, so what it shows is what readers get; the pages open without network.
"""
