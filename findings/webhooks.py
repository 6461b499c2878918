"""Where forges post: verify, store, acknowledge, work later. A payload is only a hint that something was pushed."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from findings.actions import receive
from findings.core import hooks
from findings.core.types import FormatError
from findings.models import Repository

SIZE_LIMIT = 26 * 1024 * 1024  # a forge sends at most 25 MB


@csrf_exempt
@login_not_required
@require_POST
def webhook(request: HttpRequest, provider: str, token: str) -> JsonResponse:
    """One delivery: 202 when a scan was asked for, 200 when there was nothing to do, 4xx when it is not for us.

    The row is stored before the answer, so a forge that was told "accepted" never has to send it again.
    """
    if provider not in hooks.PROVIDERS:
        raise Http404
    repository = get_object_or_404(Repository.objects.followed(), hook_token=token)
    if int(request.headers.get("Content-Length") or 0) > SIZE_LIMIT:
        return JsonResponse({"error": "the body is larger than 26 MB"}, status=413)
    try:
        secrets = (repository.hook_secret, repository.hook_secret_previous)
        push = hooks.receive(hooks.PROVIDERS[provider], request.body, request.headers, secrets)
    except hooks.Unsigned:
        return JsonResponse({"error": "the signature is missing or wrong"}, status=403)
    except FormatError as error:
        return JsonResponse({"error": str(error)}, status=400)
    said = {
        "event": push.event,
        "ref": push.ref,
        "before": push.before[:64],
        "after": push.after[:64],
        "outcome": push.outcome(repository.default_branch),
    }
    delivery, made = receive(repository, provider=provider, delivery_id=push.delivery_id, push=said)
    if not made:
        return JsonResponse({"status": "already had it"})
    accepted = delivery.outcome == "scan"
    return JsonResponse({"status": delivery.outcome}, status=202 if accepted else 200)
