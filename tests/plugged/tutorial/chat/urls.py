"""A page to choose a room, and a page for each room."""

from django.urls import path

from chat import views

urlpatterns = [path("", views.index, name="index"), path("<str:room_name>/", views.room, name="room")]
