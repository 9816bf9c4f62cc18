from django.http import HttpResponse
from django.urls import path


async def index(request):
    return HttpResponse("<h1>Lots</h1>")


urlpatterns = [path("", index)]
