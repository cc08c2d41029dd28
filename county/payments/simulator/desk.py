"""The parts of one running simulator, and the thread that lets time pass and sends its notices."""

import logging
import threading

from cryptography.hazmat.primitives.asymmetric import rsa

from county.config import Settings
from county.payments import keys
from county.payments.simulator import books
from county.payments.simulator.database import Database
from county.payments.simulator.gateway import App, Gateway
from county.payments.simulator.notices import Post, Sender, post_form
from county.payments.simulator.passage import SimulatorClock, pass_time

BEAT_S = 1.0
log = logging.getLogger("shanhuo.simulator")


class Desk:
    """Everything that the simulator's views need."""

    def __init__(self, settings: Settings, *, post: Post = post_form) -> None:
        keys.make_demo_keys(settings)
        self.key: rsa.RSAPrivateKey = keys.read_private_key(settings.simulator_private_key_file)
        self.database = Database(settings.instance / "simulator.db")
        with self.database.transaction() as db:
            books.found(db)
        self.clock = SimulatorClock(self.database)
        app = App(
            app_id=settings.alipay_app_id,
            seller_id=settings.alipay_seller_id,
            public_key=keys.read_private_key(settings.alipay_private_key_file).public_key(),
        )
        self.gateway = Gateway(self.database, self.clock, app, self.key)
        self.sender = Sender(self.database, self.key, self.clock.now_s, post)
        self._wake = threading.Event()

    def wake(self) -> None:
        """Have the sending thread look at its list now."""
        self._wake.set()

    def start(self) -> None:
        """Start the thread; what was due before a restart is sent then."""
        threading.Thread(target=self._beat, name="simulator-notices", daemon=True).start()

    def _beat(self) -> None:
        while True:
            self._wake.wait(BEAT_S)
            self._wake.clear()
            try:
                with self.database.transaction() as db:
                    pass_time(db, self.clock.now_s())
                self.sender.send_due()
            except Exception:  # The thread must outlive any one fault; the next beat tries again.
                log.exception("the simulator could not send its notices")
