from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from guestbook.models import Line


def parlor(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "guestbook/parlor.html", {"name": name, "lines": Line.objects.filter(parlor=name)[:50]})


urlpatterns = [path("parlors/<str:name>/", parlor)]
