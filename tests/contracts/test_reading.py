import subprocess
import sys

import pytest
from msgspec import Struct, ValidationError

from sketchdesk.contracts.reading import convert, reader

# Threads that read into one Struct for the first time, at the same time, in a process that may die of it.
AT_ONCE = """
import sys, threading
from sketchdesk.contracts.jobs import Job
from sketchdesk.contracts.reading import convert, reader

sys.setswitchinterval(1e-6)
line = b'{"type": "generate", "model": "m", "prompts": [{"prompt": "a zebra"}], "out_dir": "out"}'
start, read = threading.Barrier(6), []

def work():
    start.wait()
    read.append(reader(Job).decode(line).model)
    read.append(convert({"type": "probe"}, Job).__class__.__name__)

threads = [threading.Thread(target=work) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(read.count("m"), read.count("ProbeJob"))
"""


class Pair(Struct, frozen=True):
    left: int
    right: int = 2


def test_threads_that_read_into_a_type_at_the_same_time_all_read():
    done = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "6 6\n"), done.stderr


def test_json_and_loose_values_are_checked():
    assert reader(Pair).decode(b'{"left": 1}') == convert({"left": 1}, Pair) == Pair(1)
    assert convert({"left": "1"}, Pair, strict=False) == Pair(1)
    with pytest.raises(ValidationError, match="left"):
        reader(Pair).decode(b'{"left": "1"}')
    with pytest.raises(ValidationError, match="left"):
        convert({"left": "1"}, Pair)
