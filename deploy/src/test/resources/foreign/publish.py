"""Publishes numbers with QoS 1 by Eclipse Paho and writes down each that got its PUBACK.

usage: publish.py PORT COUNT PER_SECOND ACKNOWLEDGED_FILE
"""
import sys
import time

import paho.mqtt.client as mqtt

port, count, rate, path = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
FIRST_MS = 1_700_000_000_000
acknowledged = open(path, "w", buffering=1)
left = count


def on_publish(client, userdata, mid):
    # Packet IDs count up from 1, and there are fewer messages than IDs.
    global left
    acknowledged.write("%d\n" % (mid - 1))
    left -= 1


if hasattr(mqtt, "CallbackAPIVersion"):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, "paho", clean_session=False)
else:
    client = mqtt.Client("paho", clean_session=False)
client.on_publish = on_publish
client.max_inflight_messages_set(20)
client.max_queued_messages_set(0)
client.reconnect_delay_set(1, 1)
client.connect("127.0.0.1", port, keepalive=10)
client.loop_start()
began = time.time()
for i in range(count):
    client.publish("plant/paho", '{"t":%d,"n":%d}' % (FIRST_MS + i, i), qos=1)
    ahead = began + i / rate - time.time()
    if ahead > 0:
        time.sleep(ahead)
until = time.time() + 120
while left > 0 and time.time() < until:
    time.sleep(0.05)
client.disconnect()
client.loop_stop()
sys.exit(0 if left == 0 else 1)
