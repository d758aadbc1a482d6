"""Editing a workflow's text by machine: where each part stands, changing one part and nothing else, and the forms that
the parts of the language make. Pure text; called by the admin's editor in a child process that can be killed (`work`).
"""
