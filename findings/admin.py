"""The admin pages: people and teams can be changed; everything else is for looking, since the product's own verbs are
the only writers.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.forms import EmailField, ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from findings.models import (
    Change,
    Component,
    Delivery,
    Draft,
    Event,
    Evidence,
    Fact,
    Finding,
    Heartbeat,
    Membership,
    Occurrence,
    Reading,
    Repository,
    Rule,
    Run,
    Scan,
    Submission,
    Sweep,
    Team,
    Token,
    TreeFold,
    TreePart,
    Upload,
    User,
    Verdict,
)


class ReadOnly(admin.ModelAdmin):
    """Rows to look at."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class PersonForm(ModelForm):
    """An account. Addresses are kept in small letters: that is how people are found when they sign in."""

    email = EmailField(label=_("e-mail address"))

    def clean_email(self) -> str:
        """As it is compared."""
        return str(self.cleaned_data["email"]).strip().lower()


class NewPersonForm(PersonForm, AdminUserCreationForm):
    """A new account, with a password or without."""


class MembershipInline(admin.TabularInline):
    """Who is in a team."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    """Teams with their members."""

    list_display = ("slug", "name", "timezone", "language")
    search_fields = ("slug", "name")
    inlines = (MembershipInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        """Not while code belongs to it: it would take plans and dates along."""
        return super().has_delete_permission(request, obj) and obj is not None and not obj.components.exists()


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People. The password's hash is not shown; a new one is set by its own form."""

    list_display = ("email", "name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "memberships__team")
    search_fields = ("email", "name")
    ordering = ("email",)
    form = PersonForm
    add_form = NewPersonForm
    filter_horizontal = ()
    readonly_fields = ("new_password", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "language", "timezone", "shortcuts", "new_password")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)

    @admin.display(description=_("Password"))
    def new_password(self, person: User) -> SafeString:
        """The way to the form that sets one."""
        return format_html('<a href="../password/">{}</a>', _("Set a new password"))


@admin.register(Repository)
class RepositoryAdmin(ReadOnly):
    """Repositories, without what would let somebody forge a delivery."""

    list_display = ("slug", "name", "url", "default_branch", "proven_at")
    search_fields = ("slug", "name", "url")
    exclude = ("hook_token", "hook_secret", "hook_secret_previous")


@admin.register(Component)
class ComponentAdmin(ReadOnly):
    """Parts of repositories."""

    list_display = ("repository", "name", "team", "is_default", "position")
    list_select_related = ("repository", "team")


@admin.register(Rule)
class RuleAdmin(ReadOnly):
    """Kinds of problems."""

    list_display = ("key", "tool", "title", "priority", "proof", "version")
    list_filter = ("tool", "priority", "proof")
    search_fields = ("key", "title")


@admin.register(Scan)
class ScanAdmin(ReadOnly):
    """Jobs."""

    list_display = ("id", "repository", "kind", "state", "commit", "attempts", "created_at", "finished_at")
    list_filter = ("state", "kind")
    list_select_related = ("repository",)
    exclude = ("ticket",)


@admin.register(Run)
class RunAdmin(ReadOnly):
    """Batches. What waits for a person is shown on its own page, to those who may see it."""

    list_display = ("id", "repository", "tool", "category", "state", "commit", "observed_at")
    list_filter = ("state", "tool")
    list_select_related = ("repository",)
    exclude = ("payload",)


@admin.register(Finding)
class FindingAdmin(ReadOnly):
    """Findings. The key of a secret is the keyed hash of its value and stays inside."""

    list_display = ("id", "title", "repository", "rule", "priority", "state", "first_seen_at")
    list_filter = ("state", "priority")
    list_select_related = ("repository", "rule")
    search_fields = ("title",)
    exclude = ("key",)


@admin.register(Occurrence)
class OccurrenceAdmin(ReadOnly):
    """Places."""

    list_display = ("finding", "path", "line", "at_head", "from_run", "to_run")
    list_select_related = ("finding", "from_run", "to_run")
    search_fields = ("path",)


@admin.register(Evidence)
class EvidenceAdmin(ReadOnly):
    """Proofs."""

    list_display = ("finding", "kind", "closes", "commit", "path", "at")
    list_select_related = ("finding",)
    list_filter = ("kind", "closes")


@admin.register(Verdict)
class VerdictAdmin(ReadOnly):
    """What people said."""

    list_display = ("finding", "verdict", "person", "at", "until", "ended_at")
    list_select_related = ("finding",)


@admin.register(Event)
class EventAdmin(ReadOnly):
    """The log."""

    list_display = ("at", "actor", "verb", "subject", "label")
    list_filter = ("verb",)
    search_fields = ("subject", "actor", "label")
    ordering = ("-id",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Pushes as they arrived."""

    list_display = ("received_at", "repository", "provider", "event", "ref", "outcome")
    list_filter = ("outcome", "provider")
    list_select_related = ("repository",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnly):
    """Workers."""

    list_display = ("name", "at")


@admin.register(Change)
class ChangeAdmin(ReadOnly):
    """What runs did to rows. Fields are left out: they may hold keys."""

    list_display = ("run", "table", "row", "version")
    list_select_related = ("run",)
    exclude = ("before",)


@admin.register(Fact)
class FactAdmin(ReadOnly):
    """The cache of what was read."""

    list_display = ("blob", "kind", "version")
    exclude = ("data",)


@admin.register(Reading)
class ReadingAdmin(ReadOnly):
    """The blobs that were read."""

    list_display = ("blob", "kind", "found")


@admin.register(TreeFold)
class TreeFoldAdmin(ReadOnly):
    """The newest tree of each repository."""

    list_display = ("repository", "commit")
    list_select_related = ("repository",)
    exclude = ("data",)


@admin.register(TreePart)
class TreePartAdmin(ReadOnly):
    """The shares of those trees."""

    list_display = ("fold", "family", "bucket")
    list_select_related = ("fold",)
    exclude = ("data",)


@admin.register(Upload)
class UploadAdmin(ReadOnly):
    """Reports that wait for a worker."""

    list_display = ("file_name", "form", "size", "scan")
    list_select_related = ("scan",)


@admin.register(Token)
class TokenAdmin(ReadOnly):
    """Keys to the API; what they are kept by is not shown."""

    list_display = ("name", "team", "prefix", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("team",)
    exclude = ("digest",)


@admin.register(Submission)
class SubmissionAdmin(ReadOnly):
    """Answers that are kept for a day, so that nothing is taken twice."""

    list_display = ("key", "token", "status", "at")
    list_select_related = ("token",)


@admin.register(Draft)
class DraftAdmin(ReadOnly):
    """What waiting runs would do; packed, so there is nothing to read in it."""

    list_display = ("run", "mark")
    list_select_related = ("run",)
    exclude = ("seen", "plan")


admin.site.unregister(Group)  # roles are memberships; groups would be a second, unused way


@admin.register(Sweep)
class SweepAdmin(ReadOnly):
    """What people said of many at once, as long as it can be taken back."""

    list_display = ("user", "field", "at")
    list_select_related = ("user",)
