from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    dependencies = [("guestbook", "0001_initial")]

    operations = [
        migrations.RenameField("Line", "said", "words"),
        migrations.AlterField("Line", "parlor", models.TextField(db_index=True)),
        migrations.AddField(
            "Line",
            "guest",
            models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=deletion.SET_NULL, null=True, related_name="+"),
        ),
    ]
