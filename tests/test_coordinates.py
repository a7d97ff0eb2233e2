"""Places in every way people write them: known ones, and back again."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geoapp.coordinates import degrees, from_mgrs, say_mgrs, spot

SAME = [
    "-12.6722, 86.2213", "-12.6722 86.2213", "-12,6722; 86,2213", "-12,6722, 86,2213", "12.6722 S, 86.2213 E",
    "S 12.6722 E 86.2213", "12°40'19.92\"S 86°13'16.68\"E", "12° 40′ 19.92″ S, 86° 13′ 16.68″ E",
    "86.2213 E, 12.6722 S", "12:40:19.92S 86:13:16.68E", "45L VF 1544 9899", "45LVF1544698990", "(-12.6722,86.2213)",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_ways_of_writing_one_place(text: str) -> None:
    found = spot(text)
    assert math.hypot(found.lon - 86.2213, found.lat + 12.6722) < 2e-4, found


def test_utm_by_its_band_and_hemisphere() -> None:
    north = spot("36 N 500000 1000000")
    assert north.lon == pytest.approx(33, abs=1e-6)
    assert north.lat == pytest.approx(9.046, abs=0.01)
    south = spot("36L 500000 8500000")
    assert south.lat == pytest.approx(-13.57, abs=0.01)
    assert spot("36 south 500000 8500000") == south


@pytest.mark.parametrize(
    "text",
    ["", "here", "91, 0", "0, 181", "45L VF 154 9899", "99L VF 1544 9899", "45C VF 1544 9899", "36 500000 1000000", "1 2 3", "12°61'S 86°E",
     "nan, 1", "1e400, 1", "9" * 200, "61N 500000 100000"],
)  # fmt: skip
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        spot(text)


@given(st.floats(-79, 83), st.floats(-179.99, 179.99))
@example(-1e-9, 0.0)
@example(-5e-8, 86.5)
def test_a_square_holds_the_place_it_was_made_of(lat: float, lon: float) -> None:
    back = from_mgrs(say_mgrs(lon, lat))
    metres = math.hypot((back.lon - lon) * math.cos(math.radians(lat)), back.lat - lat) * 111_320
    assert metres < 12


@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 59), st.sampled_from("NSEW"))
def test_degrees_minutes_seconds(whole: int, minutes: int, seconds: int, letter: str) -> None:
    value = (whole + minutes / 60 + seconds / 3600) * (-1 if letter in "SW" else 1)
    assert degrees(f"{whole}°{minutes}'{seconds}\"{letter}") == pytest.approx(value)
