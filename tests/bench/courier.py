"""One run of the product's courier, and the processor time it took without start and imports."""

import dataclasses
import json
import sys
import time
from pathlib import Path

from sync.courier import Route, run

if __name__ == "__main__":
    began = time.process_time()
    result = run(Route(door=Path(sys.argv[1])))
    print(json.dumps({**dataclasses.asdict(result), "cpu": time.process_time() - began}))
