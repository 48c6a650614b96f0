"""A mail server for tests: aiosmtpd, with faults that a recipient's or sender's local part asks for.

    smtp_server.py CERTIFICATE KEY USER PASSWORD [STARTTLS_PORT TLS_PORT PLAIN_PORT]

Three listeners: STARTTLS with AUTH, TLS from the first byte with AUTH, and one without any encryption. Reports on
standard output, a JSON object a line: the ports first, then each connection, each message taken, each fault played.

Recipients: code450@, code550@, code530@ (answers RCPT), closed@ (550 5.7.1 at RCPT: takes mail from few), data451@,
data554@ (answers DATA), drop@ (takes the first message and ends the connection before the answer), cut...@ (ends the
connection at RCPT), hold@ (takes the message and answers when it is released). Senders: refused@ (550 at MAIL), few@
(452 at MAIL from the third message of a connection on), notours@ (553 at RCPT, whoever it is), sendas@ (554 at DATA),
undeliverable@ (550 5.1.7 at RCPT, whoever
it is), content@ (554 5.7.1 at DATA), limit@ (550 at DATA), nobody@ (550 at RCPT when it is its own recipient), unrouteable@
(550 without an enhanced code then), daily@ (550 5.1.90 then). `disown` on
standard input makes every sender a notours@, `own` ends that.
"""

import asyncio
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult


def report(**what):
    print(json.dumps(what), flush=True)


def local_part(address):
    return address.split("@")[0]


class Handler:
    def __init__(self):
        self.dropped = set()
        self.released = asyncio.Event()
        self.disowned = False

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        session.taken = getattr(session, "taken", 0)
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if local_part(address) == "refused":
            return "550 5.7.1 not yours to use"
        if local_part(address) == "few" and session.taken >= 2:
            return "452 4.5.3 enough for one connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        fault = local_part(address)
        if self.disowned or local_part(envelope.mail_from) == "notours":
            report(fault="notours")
            return f"553 5.7.1 <{envelope.mail_from}>: Sender address rejected: not owned by user koppelwacht"
        if fault == "closed":
            return f"550 5.7.1 <{address}>: takes mail from few"
        if local_part(envelope.mail_from) == "undeliverable":
            return f"550 5.1.7 <{envelope.mail_from}>: Sender address rejected: undeliverable"
        if fault == "daily":
            return "550 5.1.90 you've reached your daily limit for message recipients"
        if fault == "unrouteable":
            return "550 Unrouteable address"
        if fault == "nobody":
            return f"550 5.1.1 <{address}>: User unknown"
        if fault.startswith("code"):
            report(fault=fault)
            return f"{fault[4:7]} {fault[4]}.1.1 <{address}> as asked"
        if fault.startswith("cut"):
            report(fault=fault)
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        fault = local_part(envelope.rcpt_tos[0])
        answers = {
            "sendas": f"554 5.2.252 SendAsDenied; koppelwacht not allowed to send as {envelope.mail_from}",
            "content": "554 5.7.1 rejected by policy",
            "limit": "550 5.1.90 you've reached your daily limit for message recipients",
        }
        if answer := answers.get(local_part(envelope.mail_from)):
            return answer
        if fault.startswith("data"):
            report(fault=fault)
            return f"{fault[4:7]} as asked"
        session.taken += 1
        report(
            message={
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "secure": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
                "login": bool(session.authenticated),
                "content": envelope.content.decode("ascii"),
            }
        )
        if fault == "drop" and envelope.rcpt_tos[0] not in self.dropped:
            self.dropped.add(envelope.rcpt_tos[0])
            server.transport.abort()
        if fault == "hold":
            await self.released.wait()
        return "250 2.0.0 taken"


async def main(certificate, key, user, password, *ports):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=right, handled=False)

    handler = Handler()
    wanted = [int(port) for port in ports] or [0, 0, 0]
    listeners = [
        ({"tls_context": tls, "require_starttls": True, "auth_required": True, "authenticator": authenticate}, None),
        ({"auth_required": True, "auth_require_tls": False, "authenticator": authenticate}, tls),
        ({}, None),
    ]
    taken = []
    for (options, context), port in zip(listeners, wanted):

        def connected(options=options):
            report(connection=True)
            return SMTP(handler, **options)

        loop = asyncio.get_running_loop()
        server = await loop.create_server(connected, "127.0.0.1", port, ssl=context)
        taken.append(server.sockets[0].getsockname()[1])
    report(ports=taken)
    # On standard input, `mark` asks for a mark between what happened before and after it, `release` lets held
    # messages go, `disown` and `own` say whether our sender may be used. Its end is our end.
    while word := await asyncio.to_thread(sys.stdin.readline):
        if word == "mark\n":
            report(mark=True)
        elif word == "release\n":
            handler.released.set()
        elif word in ("disown\n", "own\n"):
            handler.disowned = word == "disown\n"


# The faults are meant, and the tests say what is wrong.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
asyncio.run(main(*sys.argv[1:]))
