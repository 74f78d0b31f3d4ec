"""`python -m appliance` is the command `madoguchi`."""

import sys

from appliance.cli import main

sys.exit(main())
