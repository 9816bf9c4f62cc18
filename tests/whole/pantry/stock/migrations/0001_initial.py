"""The first table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the table of items."""

    initial = True
    operations = (
        migrations.CreateModel(
            name="Item",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shelf", models.CharField(max_length=200)),
                ("text", models.TextField()),
            ],
        ),
    )
