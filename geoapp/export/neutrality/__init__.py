"""Does a file take sides? What is looked for in everything that leaves, and what to do about what is found.

    neutrality.check(path, *, day=None, overrides=None) -> list[Finding]

Any file that the product writes, or a zip of such: no identity of friend or hostile, no tasking, no red or blue for actors,
no accusing words, no words of approval (`data/neutrality/`, one list for all languages), no expired records, disclaimer and
handling present. A finding says where, what and what to do; `overrides` (key of a finding → reason) keep it in the answer
with its reason, for the manifest. Raises BadRequest for a file that cannot be read.
"""

from geoapp.export.neutrality.check import Finding, check, open_findings

__all__ = ["Finding", "check", "open_findings"]
