"""The demo's history: about sixty commits over ten weeks, as data.

`day` counts from the day the demo is built (-70 is ten weeks before). The commits of a weekend move to its Friday.
"""

from nova_dashboard.demo.arrival import ARRIVAL
from nova_dashboard.demo.recent import RECENT
from nova_dashboard.demo.repair import REPAIR

STEPS = (*ARRIVAL, *REPAIR, *RECENT)
