"""The server that stands in for MongoDB in the tests: SecantusDB as `secantusd-py` starts it, and in three things more like
a real one.

- A transaction that nobody goes on with is rolled back. By itself it looks for those only when somebody uses another
  transaction, after a minute, and then through all there ever were; until then every write that meets one is tried again
  without end, and when all writers are such, nothing is answered any more.
- What is kept for the repetition of a write is thrown away by age, and idle sessions are looked for once a second. By
  itself it looks through all of both at every command, and sorts the first: after some ten thousand writes that takes most
  of its time, and everybody waits.
- A partial index over what exists serves a query for what is greater: what is greater exists. By itself it reads the
  whole collection.
"""

import collections
import sys
import threading
import time

from secantus import cli, sessions, storage, transactions
from secantus.transactions import TxnState

ABANDONED_AFTER = 5


class Server(cli.SecantusDBServer):
    def __init__(self, **settings):
        super().__init__(transaction_lifetime_seconds=ABANDONED_AFTER, **settings)
        self.transactions._retryable = collections.OrderedDict(self.transactions._retryable)
        threading.Thread(target=self.sweep, daemon=True).start()

    def sweep(self):
        while True:
            time.sleep(0.5)
            for transaction in list(self.transactions._txns.values()):
                # One that is in use is not abandoned; waiting for it would hold up the others.
                if transaction.mutex.acquire(blocking=False):
                    try:
                        idle = time.time() - transaction.last_use
                        if transaction.state is TxnState.IN_PROGRESS and idle > ABANDONED_AFTER:
                            self.transactions.abort_in_progress(transaction)
                    finally:
                        transaction.mutex.release()


def forget_old_writes(registry):
    kept = registry._retryable
    too_old = registry._time() - transactions._RETRYABLE_RECORD_LIFETIME_SECONDS
    while kept:
        _, written, _ = kept[next(iter(kept))]
        if written >= too_old and len(kept) <= transactions._RETRYABLE_RECORD_MAX:
            return
        kept.popitem(last=False)


def forget_old_sessions(registry, of_all=sessions.SessionRegistry._prune_locked):
    if registry._time() < getattr(registry, "looked_through", 0) + 1:
        return 0
    registry.looked_through = registry._time()
    return of_all(registry)


def implies(query, partial, of_the_rest=storage.Storage._query_implies_partial):
    def exists(field):
        asked = query.get(field)
        return partial[field] == {"$exists": True} and isinstance(asked, dict) and "$gt" in asked

    return of_the_rest(query, {field: asked for field, asked in partial.items() if not exists(field)})


storage.Storage._query_implies_partial = staticmethod(implies)
transactions.TransactionRegistry._prune_retryable_locked = forget_old_writes
# The sweep above does it.
transactions.TransactionRegistry._prune_locked = lambda registry: 0
sessions.SessionRegistry._prune_locked = forget_old_sessions
cli.SecantusDBServer = Server
sys.exit(cli.main(sys.argv[2:]))
