"""What is a room told in place of records that its rules do not show it? Fixed when something is recorded, the same for whoever asks.

A room's forms of a layer are made of that layer's own SELECT, run in the room and so under its clearance, with nothing in
them but what its rule tells: districts or 10-km cells in place of shapes, categories in place of names, weeks in place
of days. Small districts are left out where a rule says so, and then no days are told, for a period would part them. What
is no shape is counted. The policies let a room read these or the records, never both.

They follow in the transaction that recorded something, by the rows that it changed (`due`), the districts in which these lie and
lay (`made`), and the rules in force (`keep`). Whatever changed and was not followed is told to nobody: the policies say so.
"""

from geoapp.forms.keep import keep
from geoapp.forms.rules import COUNTS, KEPT, narrowed

__all__ = ["COUNTS", "KEPT", "keep", "narrowed"]
