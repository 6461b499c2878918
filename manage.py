#!/usr/bin/env python
"""Django's command line, for Nova Dashboard. Commands start the embedded servers they need by themselves."""

import sys

from nova_dashboard.start import main

if __name__ == "__main__":
    main(sys.argv)
