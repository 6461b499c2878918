"""Reports that a worker reads: what it needs to know beside the scan that is its job."""

from django.db import models

from .people import Team
from .repositories import Run, Scan


class Upload(models.Model):
    """What a scan of kind "upload" has to do: read the file `spool` of the spool folder, or take the run `take`.

    The row never holds the file. `spool` is the name of a file that only lives until it is read; `form` a key of
    `FORMATS`, or empty where the file says what it is. `accept`: what it reads is taken, too, if not held.
    """

    scan = models.OneToOneField(Scan, models.CASCADE, related_name="upload")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=300, blank=True)
    form = models.CharField(max_length=20, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    spool = models.CharField(max_length=80, blank=True)
    take = models.ForeignKey(Run, models.CASCADE, null=True, blank=True, related_name="+")
    anyway = models.BooleanField(default=False)
    accept = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.file_name or f"run {self.take_id}"
