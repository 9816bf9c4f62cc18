from rest_framework import serializers

from boards.models import Card


class CardSerializer(serializers.ModelSerializer):
    class Meta:
        model = Card
        fields = ["id", "board", "author", "title", "done"]
        read_only_fields = ["board", "author"]
        extra_kwargs = {"title": {"trim_whitespace": False, "max_length": 10_000}}
