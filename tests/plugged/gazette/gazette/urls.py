from django.http import JsonResponse
from django.urls import path

from gazette.tickets import issue


def ticket(request):
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    return JsonResponse({"ticket": issue(request.user)})


urlpatterns = [path("ticket", ticket)]
