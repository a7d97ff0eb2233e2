"""A filter finds what the standard says that it finds: random ones, beside an evaluation in Python, in both of its forms."""

import json
import math
from collections.abc import Callable
from datetime import date
from typing import Any

import cql2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape
from sqlalchemy import Engine

from geoapp import db
from geoapp.draw import cql, features
from geoapp.scope import Scope
from layers import get

LAYER = get("areas_of_operation")
TEXTS, NUMBERS, DAYS = ("actor", "domain", "acronym"), ("km2", "id"), ("period_start", "period_end")
WORDS = st.sampled_from(["First Brigade", "military", "civil", "Army", "army", "", "it's", "a%b", "Z", "Wäter"])
FIGURES = st.one_of(st.integers(-5, 3000), st.floats(0, 3000).map(lambda x: round(x, 3)))
DATES = st.sampled_from(["2026-01-01", "2026-06-30", "2026-07-01", "2026-12-31", "2020-02-29"])


def _property(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(names).map(lambda name: {"property": name})


def _of(names: tuple[str, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    either = st.one_of(_property(names), values)
    return st.one_of(
        st.builds(lambda op, a, b: {"op": op, "args": [a, b]}, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), _property(names), either),
        st.builds(lambda a, b, c: {"op": "between", "args": [a, b, c]}, _property(names), values, values),
        st.builds(lambda a, b: {"op": "in", "args": [a, b]}, _property(names), st.lists(values, min_size=1, max_size=4)),
        st.builds(lambda a: {"op": "isNull", "args": [a]}, _property(names)),
    )  # fmt: skip


_INTERVALS = st.builds(
    lambda a, b: {"interval": sorted([a, b])}, DATES, DATES
) | st.just({"interval": [{"property": "period_start"}, {"property": "period_end"}]})  # fmt: skip
_LEAVES = st.one_of(
    _of(TEXTS, WORDS), _of(NUMBERS, FIGURES), _of(DAYS, DATES.map(lambda day: {"date": day})),
    st.builds(lambda a, b: {"op": "like", "args": [a, b]}, _property(TEXTS), st.sampled_from(["%", "First%", "_irst%", "%er%", "a\\%b", "civil", ""])),
    st.builds(lambda a, b: {"op": "=", "args": [{"op": "casei", "args": [a]}, {"op": "casei", "args": [b]}]}, _property(TEXTS), WORDS),
    st.builds(lambda op, a, b: {"op": op, "args": [a, b]}, st.sampled_from(["t_intersects", "t_disjoint", "t_after", "t_before", "t_equals", "t_during"]), _INTERVALS, _INTERVALS),
    st.builds(lambda op, w, s, x, y: {"op": op, "args": [{"property": "geometry"}, {"type": "Polygon", "coordinates": [[[w, s], [w + x, s], [w + x, s + y], [w, s + y], [w, s]]]}]},
              st.sampled_from(["s_intersects", "s_within", "s_contains", "s_disjoint"]), st.sampled_from([9.9, 10.05, 10.33]), st.sampled_from([4.9, 5.07, 5.41]),
              st.sampled_from([0.03, 0.31, 1.5]), st.sampled_from([0.03, 0.37, 1.5])),
)  # fmt: skip
FILTERS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda op, args: {"op": op, "args": args}, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
        inner.map(lambda one: {"op": "not", "args": [one]}),
    ),
    max_leaves=6,
)  # fmt: skip


def _like(value: str, pattern: str) -> bool:
    """LIKE by trying every split: the slow way that cannot be wrong."""
    if not pattern:
        return not value
    if pattern[0] == "%":
        return any(_like(value[n:], pattern[1:]) for n in range(len(value) + 1))
    sign, rest = (pattern[1], pattern[2:]) if pattern[0] == "\\" else (pattern[0], pattern[1:])
    any_one = pattern[0] == "_"
    return bool(value) and (any_one or value[0] == sign) and _like(value[1:], rest)


def _all(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def _any(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def value_of(node: Any, row: dict[str, Any]) -> Any:
    if isinstance(node, dict) and "property" in node:
        name = node["property"]
        found = row[name]
        return date.fromisoformat(found) if name in DAYS and found else found
    if isinstance(node, dict) and "date" in node:
        return date.fromisoformat(node["date"])
    if isinstance(node, dict):
        inner = value_of(node["args"][0], row)
        return inner.lower() if inner is not None else None
    return node


def holds(node: dict[str, Any], row: dict[str, Any]) -> bool | None:
    """Whether a record is what the filter asks for: yes, no, or unknown."""
    op, args = node["op"], node["args"]
    if op in ("and", "or"):
        return (_all if op == "and" else _any)([holds(each, row) for each in args])
    if op == "not":
        return _not(holds(args[0], row))
    if op == "isNull":
        return value_of(args[0], row) is None
    if op.startswith("s_"):
        mine, other = row["shape"], shape(args[1])
        return bool(
            {
                "s_intersects": mine.intersects,
                "s_within": mine.within,
                "s_contains": mine.contains,
                "s_disjoint": mine.disjoint,
            }[op](other)
        )
    if op.startswith("t_"):
        (a0, a1), (b0, b1) = (_days(each, row) for each in args)
        return {"t_intersects": a0 <= b1 and a1 >= b0, "t_disjoint": a1 < b0 or a0 > b1, "t_after": a0 > b1, "t_before": a1 < b0,
                "t_equals": (a0, a1) == (b0, b1), "t_during": a0 > b0 and a1 < b1}[op]  # fmt: skip
    left = value_of(args[0], row)
    if op == "in":
        return None if left is None else left in [value_of(each, row) for each in args[1]]
    rest = [value_of(each, row) for each in args[1:]]
    if left is None:
        return None
    if op == "between":
        return rest[0] <= left <= rest[1]
    (right,) = rest
    if right is None:
        return None
    if op == "like":
        return _like(left, right)
    return {
        "=": left == right,
        "<>": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[op]


def _days(node: dict[str, Any], row: dict[str, Any]) -> tuple[date, date]:
    first, last = node["interval"]
    open_ = (date.min, date.max)
    return tuple(
        (value_of(each, row) or open_[place]) if isinstance(each, dict) else date.fromisoformat(each)
        for place, each in enumerate((first, last))
    )  # type: ignore[return-value]


def test_random_filters_find_what_they_ask_for(engine: Engine, gridded: Callable) -> None:
    open_ended = {"type": "Polygon", "coordinates": [[[10.1, 5.1], [10.3, 5.1], [10.1, 5.3], [10.1, 5.1]]]}
    assert gridded("areas", [(open_ended, {"actor": "Wäter", "domain": "civil", "date_from": "2026-03-01"})]).landed
    scope = Scope("grid", purpose="items")
    with db.transaction(engine, scope.context()) as connection:
        texts, _ = features.geojson(connection, LAYER, scope, limit=1000)
        read = [json.loads(each) for each in texts]
        rows = [each["properties"] | {"shape": shape(each["geometry"])} for each in read]
        assert {*TEXTS, *NUMBERS, *DAYS} <= set(rows[0])

        @given(FILTERS)
        @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def ask(tree: dict[str, Any]) -> None:
            expected = [row["id"] for row in rows if holds(tree, row) is True]
            forms = [("cql2-json", json.dumps(tree)), ("cql2-text", cql2.Expr(tree).to_text())]
            for language, written in forms:
                where, binds = cql.condition(written, language, LAYER.fields)
                found, matched = features.geojson(
                    connection, LAYER, scope, wanted=features.Wanted(where, binds), limit=1000
                )
                assert [json.loads(each)["id"] for each in found] == expected, written
                assert matched == len(expected)

        ask()
        assert math.isfinite(rows[0]["km2"])
