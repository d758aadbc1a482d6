"""The language of the desk: what `workflows.yaml` may say, how it is read, checked and asked.

Knows no ticket row, no web and no mail: every room that does stands on this one and asks it.
"""
