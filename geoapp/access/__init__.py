"""How to get there: the road network, ways through it, and what they cross."""

from geoapp.access.place import find
from geoapp.access.question import MAX_POINTS, Question
from geoapp.access.reach import MAX_HOURS, reach
from geoapp.access.roads import Kept
from geoapp.access.route import ask

__all__ = ["MAX_HOURS", "MAX_POINTS", "Kept", "Question", "ask", "find", "reach"]
