"""What the language knows and this version cannot do yet: one line each.

The reader meets a key (`Desk.routing`) or a value (`Action.type=approve`); if it stands here the file is refused
there with its sentence. When the machinery has come, its line is deleted and nothing else changes.
"""

LATER: dict[str, str] = {}
