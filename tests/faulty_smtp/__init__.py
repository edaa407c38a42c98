"""A mail server that can be told to misbehave, and remembers everything it saw.

`with faulty_smtp() as server:` listens on a port of its own in a thread of its own. `server.faults.add(Fault(...))`
says what goes wrong, where and how often; `server.mails` is what it stored and `server.dialogues` what was said.
"""

from tests.faulty_smtp.certificates import Authority
from tests.faulty_smtp.faults import Fault, Faults
from tests.faulty_smtp.records import Dialogue, Mail, Said
from tests.faulty_smtp.server import FaultySmtp, faulty_smtp

__all__ = ["Authority", "Dialogue", "Fault", "Faults", "FaultySmtp", "Mail", "Said", "faulty_smtp"]
