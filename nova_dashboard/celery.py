"""The Celery app: wake-ups that hold ids, and the clock that repeats them. No results, nothing that must not get lost.

celery -A nova_dashboard worker --concurrency 1
celery -A nova_dashboard beat
"""

import os
import warnings

from celery import Celery

from nova_dashboard.heartbeat import Heart

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nova_dashboard.settings")

# In a container the only account is root, and messages are JSON: the warning would repeat at every start.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

app = Celery("nova")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # for every thread, not only the importing one: `wake` sends from threads
app.autodiscover_tasks(related_name="tasks")
app.steps["worker"].add(Heart)
