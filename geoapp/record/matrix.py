"""Grade from now on by another matrix: it is data of the operation, versioned, and regrades no zone."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from geoapp.errors import BadRequest, Conflict
from geoapp.overlay import risk
from geoapp.writing import lock_operation


def adopt_matrix(connection: Connection, version: str, levels: Sequence[Sequence[int]]) -> risk.Matrix:
    """Grade from now on by this matrix (five rows, likelihood 1 first, each with impact 1 to 5); zones keep their level.

    Raises BadRequest for a matrix that is not whole or falls where likelihood or impact rises, Conflict for a version
    that is there already with other levels.
    """
    operation = lock_operation(connection, "risk_matrix")
    flat = [level for row in levels for level in row]
    whole = len(levels) == 5 and all(len(row) == 5 for row in levels)
    if not whole or not all(isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= 5 for v in flat):
        raise BadRequest("A matrix has five rows of five levels from 1 to 5.", hint="Likelihood 1 first.")
    if any(row[i] > row[i + 1] for row in levels for i in range(4)) or any(
        levels[i][j] > levels[i + 1][j] for i in range(4) for j in range(5)
    ):
        raise BadRequest(
            "A risk may not fall where likelihood or impact rises.", hint="Look at the rows and columns again."
        )
    version = version.strip()
    if not 0 < len(version) <= 60:
        raise BadRequest("A matrix has a version of at most 60 characters.", hint="Such as 2026-11.")
    there = connection.execute(
        text("SELECT levels FROM facts.risk_matrix WHERE operation_id = :operation AND version = :version"),
        {"operation": operation, "version": version},
    ).scalar()
    if there is not None and list(there) != flat:
        raise Conflict(
            f"There is a matrix {version!r} already.", hint="Zones were graded by it: choose another version."
        )
    if there is None:
        connection.execute(
            text("""
                INSERT INTO facts.risk_matrix (operation_id, version, levels, adopted_by)
                VALUES (:operation, :version, :levels, calc.member())
            """),
            {"operation": operation, "version": version, "levels": flat},
        )
    return risk.matrix(connection)
