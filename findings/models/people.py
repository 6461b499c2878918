"""Who: people sign in with their e-mail address and see what their teams own."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from findings.querysets import MembershipQuerySet, TeamQuerySet


class UserManager(BaseUserManager["User"]):
    """Makes accounts by e-mail address; addresses are compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new account. Without a password nobody can sign in to it until a set-password link is used."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An account that may use the admin pages."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account that signs in with this address, in any case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `language` and `timezone` are used for pages, mail and due dates alike."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    timezone = models.CharField(_("time zone"), max_length=60, default="UTC")
    shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    is_staff = models.BooleanField(_("may use the admin pages"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    seats: "list[Membership]"  # of who asks for a page, see `findings.accounts`
    waiting: int  # imports and held batches, for the same

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name people know this person by, else the address."""
        return str(self)

    def get_short_name(self) -> str:
        """The first word of the name, else what stands before the @."""
        return self.name.split()[0] if self.name else self.email.split("@")[0]


def usual_weekend() -> list[int]:
    """Saturday and Sunday, as `date.weekday()` numbers."""
    return [5, 6]


class Team(models.Model):
    """Who owns code: dates are reckoned in its zone and by its working days (`weekend` as `date.weekday()` numbers,
    `holidays` single days). SLA figures are calendar days per priority. `scale` = what it changed of
    `core.severity.SCALE`: a tool's word for how bad something is -> priority. `approval`: a verdict of a member counts
    once a lead has approved it. `aside_of`: it stands for another one in a past that is told aside; nobody sits in it.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    timezone = models.CharField(max_length=60, default="UTC")
    language = models.CharField(max_length=10, default="en")
    sla_p0 = models.PositiveSmallIntegerField(default=7)
    sla_p1 = models.PositiveSmallIntegerField(default=21)
    sla_p2 = models.PositiveSmallIntegerField(default=60)
    weekend = ArrayField(models.PositiveSmallIntegerField(), default=usual_weekend, blank=True)
    holidays = ArrayField(models.DateField(), default=list, blank=True)
    scale = models.JSONField(default=dict, blank=True)
    approval = models.BooleanField(default=False)
    aside_of = models.ForeignKey("self", models.CASCADE, null=True, blank=True, editable=False, related_name="+")

    objects = TeamQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def sla(self) -> dict[str, int]:
        """Days to fix, by priority."""
        return {"P0": self.sla_p0, "P1": self.sla_p1, "P2": self.sla_p2}


class Role(models.TextChoices):
    """What a member may do; each includes the ones before it."""

    VIEWER = "viewer", _("viewer")
    MEMBER = "member", _("member")
    LEAD = "lead", _("lead")


class Membership(models.Model):
    """A person in a team. `capacity` = hours a week for remediation."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    capacity = models.DecimalField(max_digits=5, decimal_places=1, default=10)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"
