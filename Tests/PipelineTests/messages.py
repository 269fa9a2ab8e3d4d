"""Writes payments with the real Protobuf library, and what they are as JSON.

    messages.py SET.desc file OUT            random messages, each behind its length, to OUT; as JSON, one a line, to stdout
    messages.py SET.desc send ENDPOINT       the same messages, pushed one a ZeroMQ message
"""

import json
import random
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import encoder

with open(sys.argv[1], "rb") as file:
    files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
pool = descriptor_pool.DescriptorPool()
for file in files.file:
    pool.Add(file)
Payment = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.v1.Payment"))


def payments(count):
    random.seed(7)
    for index in range(count):
        payment = Payment()
        row = {"id": index, "note": None, "channel": "UNKNOWN", "ok": False, "far": 0, "near": 0, "flags": 0, "ratio": 0.0}
        payment.id = index
        seconds = 1577836800 + index
        payment.at.seconds = seconds
        payment.at.nanos = 250000000
        row["second"] = seconds
        row["amount"] = round(random.uniform(-1000, 1000), 2)
        payment.amount = row["amount"]
        if random.random() < 0.5:
            payment.note = row["note"] = random.choice(["", "hello", "naïve ☕", "a,b\n\"c\""])
        if random.random() < 0.7:
            payment.channel = random.randrange(3)
            row["channel"] = ["UNKNOWN", "WEB", "APP"][payment.channel]
        payment.ok = row["ok"] = random.random() < 0.5
        payment.far = row["far"] = random.randrange(-(2**63), 2**63) >> random.randrange(64)
        payment.near = row["near"] = random.randrange(-(2**31), 2**31)
        payment.flags = row["flags"] = random.randrange(2**32)
        payment.ratio = row["ratio"] = random.randrange(1000) / 8
        payment.tags.extend(["x", "y"])
        payment.card.number = "not read"
        yield payment.SerializeToString(), row


if sys.argv[2] == "file":
    with open(sys.argv[3], "wb") as out:
        for message, row in payments(500):
            out.write(encoder._VarintBytes(len(message)) + message)
            print(json.dumps(row))
else:
    import zmq

    context = zmq.Context()
    socket = context.socket(zmq.PUSH)
    socket.connect(sys.argv[3])
    for message, _ in payments(500):
        socket.send(message)
    socket.close()
    context.term()
