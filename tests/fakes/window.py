"""A process that stands for a window: submits one job (the engine's command is ours), says its id when it works."""

from __future__ import annotations

import sys

from PySide6.QtCore import QCoreApplication, QObject, Slot

from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.workers.runner import JobRunner


class Teller(QObject):
    """Says the id of the job at its first step."""

    @Slot(object)
    def tell(self, event: object) -> None:
        """Print the id."""
        print(event.job_id, flush=True)  # noqa: T201


application = QCoreApplication([])
teller = Teller()
runner = JobRunner(command=sys.argv[1:])
runner.step_done.connect(teller.tell)
runner.submit(ProbeJob())
application.exec()
