"""Rooms, their rules and what they are told."""

from typing import Any

from pydantic import BaseModel, ConfigDict

_OPEN = ConfigDict(extra="allow")


class Rooms(BaseModel):
    """The rooms of an operation."""

    rooms: list[dict[str, Any]]


class ToldLayer(BaseModel):
    """What a room is told of one layer; `recorded` is null for a room that only reads."""

    model_config = _OPEN
    layer: str
    title: str
    precision: str
    sentence: str
    licence: str
    shown: int
    recorded: int | None


class RoomTold(BaseModel):
    """A room, what it is told layer by layer, its rules, and the rules that were recorded for it with who and when."""

    model_config = _OPEN
    key: str
    title: str
    clearance: str
    sentence: str
    layers: list[ToldLayer]
    rules: list[dict[str, Any]]
    history: list[dict[str, Any]]
