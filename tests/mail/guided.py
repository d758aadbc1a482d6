"""A fuzzer that sees which lines of the mail reader a mail reaches: `python -m tests.mail.guided [options] [FOLDER]`.

The options are libFuzzer's, such as -max_total_time=60; FOLDER holds the mails to begin with. When a mail is read
unsoundly it ends with a status that is not 0, and leaves that mail in a file `crash-…`.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["helpdesk.channels.email", "helpdesk.text"]):
    from tests.mail.oracle import reads


def main() -> None:
    atheris.Setup(sys.argv, reads)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
