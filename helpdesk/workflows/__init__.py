"""The language of the desk: what `workflows.yaml` may say, how it is read, checked and asked.

Knows no ticket row, no web and no mail. Everything below `workflows` in the order of rooms asks it; it asks nobody.
"""
