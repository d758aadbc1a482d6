"""The web form: a source of the workflow file at /forms/<slug>. Its pages are in `pages.forms`, which knows the web."""
