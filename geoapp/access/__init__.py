"""How to get there: the road network, ways through it, and what they cross."""

from geoapp.access.place import find
from geoapp.access.reach import MAX_HOURS, reach
from geoapp.access.roads import Kept
from geoapp.access.route import Question, ask

__all__ = ["MAX_HOURS", "Kept", "Question", "ask", "find", "reach"]
