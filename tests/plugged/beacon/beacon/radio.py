import hmac
import re
from urllib.parse import unquote

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from beacon.models import Device
from beacon.packets import FAULT, HEARD, PUBLISH, BadPacket, pack, unpack

FREQUENCY = re.compile(r"/f/([^/]{1,256})")


class Radio(AsyncWebsocketConsumer):
    wave = None

    async def connect(self):
        found = FREQUENCY.fullmatch(self.scope["path"])
        device = await identify(dict(self.scope["headers"]).get(b"authorization", b""))
        if found is None or device is None:
            await self.close()
            return
        wave = "f-" + found[1].encode().hex()
        self.wave = wave if len(wave) < 100 else None
        if self.wave is None:
            await self.close()
            return
        await self.channel_layer.group_add(self.wave, self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.switch_off()

    async def switch_off(self):
        if self.wave is not None:
            await self.channel_layer.group_discard(self.wave, self.channel_name)
            self.wave = None

    async def receive(self, text_data=None, bytes_data=None):
        try:
            kind, text = unpack(bytes_data)
            if kind != PUBLISH:
                raise BadPacket("devices publish")
        except BadPacket as fault:
            await self.send(bytes_data=pack(FAULT, str(fault)))
        else:
            await self.channel_layer.group_send(self.wave, {"type": "radio.packet", "packet": pack(HEARD, text)})

    async def radio_packet(self, event):
        await self.send(bytes_data=event["packet"])


@database_sync_to_async
def identify(header):
    """Return the device whose key is in the header ``Authorization: Bearer NAME.KEY``."""
    scheme, _, token = header.decode("latin-1").partition(" ")
    name, _, key = token.rpartition(".")
    if scheme != "Bearer" or not key:
        return None
    device = Device.objects.filter(pk=unquote(name), is_active=True).first()
    return device if device and hmac.compare_digest(device.key.encode(), key.encode()) else None


async def tune_in(scope, receive, send):
    radio = Radio()
    try:
        await radio(scope, receive, send)
    finally:
        await radio.switch_off()
