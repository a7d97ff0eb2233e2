"""Whatever dies, nobody is told something wrong and nothing that was acknowledged is lost; at worst people are asked to come back."""

import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import httpx2
import psycopg
import pytest

from geoapp.cluster import Cluster
from geoapp.servers import NEVER, place
from tests.standby import HAZARDS, People, Replica, kill, names, primary, served


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with primary() as made:
        yield made


def sessions(url: str) -> int:
    """How many statements a replica has answered to the application, as transactions."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert found
    return int(found[0])


def test_the_database_starts_again_under_load(cluster: Cluster) -> None:
    with served(cluster) as address:
        people = People(address)
        with people.busy(readers=20, writers=2):
            for _ in range(3):
                time.sleep(2)
                kill(cluster.data)
                cluster.start()
                began = time.monotonic()
                while people.last_good < began:
                    assert time.monotonic() - began < 10
                    time.sleep(0.05)
            time.sleep(1)
        assert people.wrong == [], people.statuses
        print(people.statuses, len(people.acknowledged))
        assert people.acknowledged <= names(address)
        assert people.statuses[200] > 20, people.statuses
        assert people.acknowledged


def test_too_many_are_told_to_come_back_and_health_answers(cluster: Cluster) -> None:
    """200 who wait for a table that somebody holds: those beyond what there is room for are refused at once."""
    refused: list[float] = []
    others: list[int] = []

    def ask(address: str) -> None:
        connection = HTTPConnection(address.removeprefix("http://"), timeout=120)
        began = time.monotonic()
        connection.request("GET", f"{HAZARDS}?limit=1")
        answer = connection.getresponse()
        if answer.status == 503:
            assert answer.headers["retry-after"]
            refused.append(time.monotonic() - began)
        else:
            others.append(answer.status)
        connection.close()

    with served(cluster) as address, psycopg.connect(cluster.urls().owner.replace("+psycopg", "")) as holding:
        httpx2.get(f"{address}{HAZARDS}?limit=1", timeout=60)
        holding.execute("LOCK TABLE facts.hazard_area IN ACCESS EXCLUSIVE MODE")
        threads = [threading.Thread(target=ask, args=(address,)) for _ in range(200)]
        with httpx2.Client(base_url=address, timeout=60) as client:
            for thread in threads:
                thread.start()
            health = []
            for _ in range(10):
                began = time.monotonic()
                assert client.get("/healthz").status_code == 200
                health.append(time.monotonic() - began)
                time.sleep(0.2)
            while len(refused) < 150:
                time.sleep(0.1)
            holding.rollback()
            for thread in threads:
                thread.join()
            began = time.monotonic()
            while client.get(f"{HAZARDS}?limit=1").status_code != 200:
                assert time.monotonic() - began < 5
        assert set(others) == {200}
        assert len(refused) + len(others) == 200
        # a gate and a pool, each of less than a second; the rest is what 200 threads of this test take from one processor
        assert sorted(refused)[len(refused) // 2] < 4
        assert sorted(health)[5] < 2


def test_a_replica_and_the_primary_die_in_turn_under_load(cluster: Cluster) -> None:
    replica = Replica(cluster)
    replica.make()
    replica.start()
    try:
        with served(cluster, replica) as address:
            people = People(address)
            with people.busy(readers=8, writers=2):
                time.sleep(7)
                before = sessions(replica.url)
                time.sleep(2)
                assert sessions(replica.url) - before > 20  # readers are answered by it
                for _ in range(2):
                    replica.kill()
                    time.sleep(2)
                    assert time.monotonic() - people.last_good < 2
                    replica.start()
                    time.sleep(2)
                    kill(cluster.data)
                    time.sleep(2)
                    # nobody writes; who reads is answered by the replica
                    assert time.monotonic() - people.last_good < 2
                    cluster.start()
                    time.sleep(3)
            assert people.wrong == [], people.statuses
            print(people.statuses, len(people.acknowledged))
            # a replica may lack the last seconds, and what was written is not this reader's own
            ends = time.monotonic() + 60
            while not people.acknowledged <= names(address) and time.monotonic() < ends:
                time.sleep(0.5)
            assert people.acknowledged <= names(address)
            assert people.acknowledged
            assert people.statuses[200] > 20, people.statuses
    finally:
        replica.kill()


@pytest.mark.parametrize(
    ("lsn", "number"),
    [("0/0", 0), ("16/B374D848", 97_500_059_720), ("x/1", NEVER), ("1", NEVER), ("", NEVER), ("1" * 99 + "/1", NEVER)],
)
def test_places_in_the_log(lsn: str, number: int) -> None:
    assert place(lsn) == number
