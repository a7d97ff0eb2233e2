"""What work is waiting, under way or done, and what came of it?

A job is a row of `facts.job`: what was asked, by whom, in which room, how far it is, how it ended. Whoever asks puts it
there and into the queue in one transaction; a worker on any machine does it under the policies of that room
(`run`, `worker`). Its end is written by the very transaction that does the work, so no work is done twice or half.
"""

from geoapp.jobs.archives import archive, keep_pack, last_pack, packs
from geoapp.jobs.ask import network, put, stop, waited
from geoapp.jobs.checks import forget, land_checked
from geoapp.jobs.files import keep_file, pieces
from geoapp.jobs.job import PACK, Job, find, listed, stopped

__all__ = [
    "PACK",
    "Job",
    "archive",
    "find",
    "forget",
    "keep_file",
    "keep_pack",
    "land_checked",
    "last_pack",
    "listed",
    "network",
    "packs",
    "pieces",
    "put",
    "stop",
    "stopped",
    "waited",
]
