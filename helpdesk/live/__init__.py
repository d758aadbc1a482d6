"""The doorbell: tells open pages that something happened, by name only ("ticket:42"). What happened they fetch by the
ordinary, permission-checked address.
"""

from helpdesk.live.doorbell import LONGEST_FRAME, Doorbell
from helpdesk.live.ringing import CHANNEL, Ringer

__all__ = ["CHANNEL", "LONGEST_FRAME", "Doorbell", "Ringer"]
