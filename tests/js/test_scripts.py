"""Do the tests of the browser's code hold that need no browser? Node's own runner runs them; none is skipped."""

import re
import subprocess

from tests.js import NODE, ROOT


def test_every_script_test_holds() -> None:
    files = sorted((ROOT / "tests" / "js").glob("*.test.js"))
    assert files
    ran = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    counts = {
        name: int(n) for name, n in re.findall(r"^# (tests|pass|fail|skipped|todo) (\d+)", ran.stdout, re.MULTILINE)
    }
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert counts["tests"] == counts["pass"] >= 15
    assert (counts["skipped"], counts["todo"]) == (0, 0)
