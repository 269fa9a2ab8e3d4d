"""Pushes transactions into a running pipeline: a client in another language.

    feed.py ENDPOINT objects    the rows of the CSV on stdin, each a message with a JSON object
    feed.py ENDPOINT lines N    the lines on stdin as they are, N a message
"""

import csv
import itertools
import json
import sys

import zmq

INTEGERS = {"TRANSACTION_ID", "CUSTOMER_ID", "TERMINAL_ID", "TX_FRAUD", "TX_FRAUD_SCENARIO"}


def typed(name, value):
    if name in INTEGERS:
        return int(value)
    return float(value) if name == "TX_AMOUNT" else value


def objects(file):
    for row in csv.DictReader(file):
        yield json.dumps({name: typed(name, value) for name, value in row.items()})


def lines(file, count):
    while batch := "".join(itertools.islice(file, count)):
        yield batch


endpoint, how, *rest = sys.argv[1:]
context = zmq.Context()
socket = context.socket(zmq.PUSH)
socket.connect(endpoint)
for message in objects(sys.stdin) if how == "objects" else lines(sys.stdin, int(rest[0])):
    socket.send_string(message)
# Waits until all of it is sent.
socket.close()
context.term()
