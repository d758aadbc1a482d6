"""The connection to PostgreSQL as the desk uses it. `connections` loads it for a desk on PostgreSQL and no other."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import TransactionStatus


class Connection(psycopg.Connection[Any]):
    """One whose questions stay prepared in the server.

    At a ROLLBACK psycopg lets go of all that it had prepared, as tables made meanwhile may be gone; and a transaction
    that was only read ends with one. A reading transaction has nothing to take back, so here it ends with COMMIT: else
    every page would have each of its questions parsed and planned anew, which takes longer than answering them.
    """

    def rollback(self) -> None:
        if self.read_only and self.info.transaction_status is TransactionStatus.INTRANS:
            self.commit()
        else:
            super().rollback()
