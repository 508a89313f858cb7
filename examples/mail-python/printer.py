#!/usr/bin/env python3
"""The seed's printer: a service that programs find by name, wherever it runs. `printer.py serve` is the service, `printer.py TEXT…` uses it."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../monte-carlo-python"))
import pewter  # noqa: E402

NAME = "printer@{8080,1,1}"


def serve():
    with pewter.Mail() as mail, mail.open() as box:
        box.bind(NAME, exclusive=True)
        while (message := box.receive()).body != b"end":
            if message.request:
                box.reply(message, b"printed " + message.body)


def use(texts):
    with pewter.Mail() as mail, mail.open() as box, mail.subscribe(NAME) as names:
        if not mail.service_exists(NAME, 60_000):
            sys.exit("there is no printer")
        print(*names.next()[:2])
        for text in texts:
            print(box.request(NAME, text.encode(), 60_000).decode())
        box.send(NAME, b"end")
        print(*names.next()[:2])


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        use(sys.argv[1:])
