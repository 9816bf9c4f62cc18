import json

from django.db import DatabaseError
from djangochannelsrestframework.generics import GenericAsyncAPIConsumer
from djangochannelsrestframework.mixins import CreateModelMixin
from djangochannelsrestframework.observer import model_observer
from rest_framework.exceptions import APIException, ParseError
from rest_framework.permissions import IsAuthenticated

from boards.models import Card
from boards.serializers import CardSerializer


class Unavailable(APIException):
    status_code = 503
    default_detail = "The board cannot be reached."


class BoardConsumer(CreateModelMixin, GenericAsyncAPIConsumer):
    queryset = Card.objects.all()
    serializer_class = CardSerializer
    # The framework's own: the library's class of this name asks before each action, and lets everyone connect.
    permission_classes = (IsAuthenticated,)

    async def __call__(self, scope, receive, send):
        try:
            return await super().__call__(scope, receive, send)
        finally:
            for group in list(self.groups):
                await self.remove_group(group)

    async def connect(self):
        await self.cards.subscribe(board=self.board)
        await self.accept()

    @property
    def board(self):
        return self.scope["url_route"]["kwargs"]["board"]

    async def receive(self, text_data=None, bytes_data=None, **kwargs):
        try:
            request = json.loads(text_data)
            action, number, data = request["action"], request.get("request_id"), request.get("data")
            if not isinstance(action, str) or not isinstance(number, int | str | None):
                raise TypeError
        except (AttributeError, LookupError, TypeError, ValueError, RecursionError):
            await self.handle_exception(ParseError(), action=None, request_id=None)
        else:
            await self.handle_action(action, request_id=number, data=data)

    async def handle_exception(self, exc, action, request_id):
        if isinstance(exc, DatabaseError):
            exc = Unavailable()
        await super().handle_exception(exc, action=action, request_id=request_id)

    def perform_create(self, serializer, **kwargs):
        serializer.save(author=self.scope["user"], board=self.board)

    @model_observer(Card)
    async def cards(self, message, action=None, **kwargs):
        await self.send_json({"event": f"card.{action}", "card": message})

    @cards.serializer
    def cards(self, instance, action, **kwargs):
        return {"id": instance.pk, "title": instance.title, "author": instance.author.get_username()}

    @cards.groups_for_signal
    def cards(self, instance, **kwargs):
        yield f"board-{instance.board}"

    @cards.groups_for_consumer
    def cards(self, board=None, **kwargs):
        yield f"board-{board}"
