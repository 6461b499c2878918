"""How many findings are alike."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Tally(models.Model):
    """So many findings (`n`) that are alike in all that menus, plans and grades count them by. Rows of the same values
    are added up by who reads (`reads.tally`): each change of findings appends what it adds and what it takes away.

    Written by triggers alone (migration 0008). `kind` is the class of a secret, `marks` are bits (see `reads.tally`),
    `dated` = has a date of its own; `items` are all those it is on, settled or not, of whatever team, in rising order.
    What is pointed at is not checked: a row goes when its findings go.
    """

    component_id = models.BigIntegerField()
    rule_id = models.BigIntegerField()
    priority = models.CharField(max_length=2)
    state = models.CharField(max_length=20)
    kind = models.TextField()
    owner_id = models.BigIntegerField(null=True)
    dated = models.BooleanField()
    marks = models.SmallIntegerField()
    items = ArrayField(models.BigIntegerField())
    n = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["component_id"], name="tally_component")]

    def __str__(self) -> str:
        return f"{self.n} {self.priority} {self.state}"
