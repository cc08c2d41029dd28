"""The demo's SMS sender: it prints the message where the demo runs and sends nothing."""

import sys


class PrintedSms:
    """Prints each SMS on standard output."""

    def send(self, *, phone: str, text: str) -> None:
        """Print `text`, with the phone number it would go to masked."""
        print(f"[SMS {phone[:3]}******{phone[-2:]}] {text}", file=sys.stdout, flush=True)
