"""Starts MiniStack, the AWS emulator, the way a stand needs it.

Thirteen things differ from `python -m ministack`:

- Its Lambda Runtime API answers without Nagle's delay, which would cost every invocation 40 ms.
- What functions print goes, line by line and as it is printed, to the file named by GUSSET_FUNCTIONS_LOG, as
  `function<TAB>line`. CloudWatch Logs of the emulator have it too, but only once an invocation has ended.
- What functions ask of AWS is counted: see `Requests`.
- A standard queue with message groups is a fair queue: see `collect_fairly`.
- The table's stream and the queue do not wait for each other: see `poll_streams_apart`.
- Nobody gets at a bucket without a signature: see `refuse_unsigned`.
- A link that a function has signed is good, although its session token is a name: see `accept_names`.
- API Gateway says truly where a request comes from: see `from_the_last_hop`.
- Queues are polled as soon as one has a message: see `poll_queues_at_once`.
- What schedules call for is told in the functions' log: see `tell_of_clocks`.
- An expression is read once, however many items it is held against: see `read_expressions_once`.
- Keys that are text are compared as text: see `compare_keys_at_once`.
- The list of emails has their headers: see `Headers`.

All of it reaches into MiniStack, whose version is pinned in requirements.txt: look here when that changes.
"""

import collections
import functools
import json
import logging
import operator
import os
import re
import socketserver
import threading
import time
import urllib.parse

socketserver.StreamRequestHandler.disable_nagle_algorithm = True

from ministack import app  # noqa: E402
from ministack.core import lambda_runtime  # noqa: E402
from ministack.services import apigateway_v1, dynamodb, eventbridge, lambda_svc, s3, ses_v2, sqs  # noqa: E402


class FunctionsLog:
    """The file that `cargo xtask up` follows."""

    def __init__(self, path):
        self._file = open(path, "ab", buffering=0)
        self._lock = threading.Lock()

    def write(self, function, line):
        entry = function.encode() + b"\t" + line.rstrip(b"\r\n") + b"\n"
        with self._lock:
            self._file.write(entry)


class Teed:
    """A function's output, written to the log while MiniStack reads it."""

    def __init__(self, stream, function, log):
        self._stream, self._function, self._log = stream, function, log

    def readline(self):
        line = self._stream.readline()
        if line:
            self._log.write(self._function, line)
        return line

    def close(self):
        self._stream.close()


class Failures(logging.Handler):
    """What the emulator, not the function, has to say about an invocation: time-outs, crashes, failed batches."""

    def __init__(self, log):
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record):
        # The lines after the first repeat the function's own output.
        first_line = record.getMessage().split("\n", 1)[0]
        self._log.write("emulator", f"{record.levelname} {first_line}".encode())


def log_functions_to(path):
    log = FunctionsLog(path)
    pump = lambda_runtime.ProvidedWorker._pump_output

    def teed_pump(self, stream, log_queue):
        pump(self, Teed(stream, self.func_name, log), log_queue)

    lambda_runtime.ProvidedWorker._pump_output = teed_pump
    # The scheduler looks it up there at each call.
    eventbridge._invoke_target = tell_of_clocks(eventbridge._invoke_target, log)
    for name in ("lambda_runtime", "lambda"):
        logging.getLogger(name).addHandler(Failures(log))


def tell_of_clocks(invoke, log):
    """Writes down each call of a schedule, as `clock<TAB>schedule input`: whoever reads a function's log cannot tell who called it."""

    def told(target, event, rule, view=None):
        if event.get("Source") == "aws.scheduler":
            log.write("clock", f"{rule.get('Name')} {target.get('Input', '')}".encode())
        return invoke(target, event, rule, view)

    return told


class Requests:
    """What functions have asked of AWS, served at `GET /_gusset/requests?since=0&about=ID&about=ID`.

    A function is known by its session token, which here is its name. So neither the emulator's own polling is in the
    list nor what tests and people ask. With `about`, what names one of these ids: a project's or a connection's.
    """

    PATH = "/_gusset/requests"
    KEPT = 100_000
    IDS = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{5,}")

    def __init__(self):
        self._lock = threading.Lock()
        self._last = 0
        self._kept = collections.deque(maxlen=self.KEPT)

    def counting(self, serve):
        """The emulator, counting."""

        async def serve_counted(scope, receive, send):
            if scope["type"] != "http":
                return await serve(scope, receive, send)
            if scope["path"] == self.PATH:
                return await self._answer(scope, send)
            headers = dict(scope["headers"])
            function = headers.get(b"x-amz-security-token")
            if not function:
                return await serve(scope, receive, send)
            service, name = operation(scope, headers)
            # What a file is about is in its key, and a file may be large.
            body = bytearray(scope["path"].encode() if service == "s3" else b"")

            async def receive_noting():
                message = await receive()
                if service != "s3":
                    body.extend(message.get("body", b""))
                return message

            try:
                return await serve(scope, receive_noting, send)
            finally:
                self._keep(function.decode(), service, name, bytes(body))

        return serve_counted

    def _keep(self, function, service, name, body):
        ids = frozenset(found.decode() for found in self.IDS.findall(body))
        with self._lock:
            self._last += 1
            request = {"sequence": self._last, "function": function, "service": service, "operation": name}
            self._kept.append((request, ids))

    async def _answer(self, scope, send):
        query = urllib.parse.parse_qs(scope["query_string"].decode())
        since, about = int(query.get("since", ["0"])[0]), set(query.get("about", []))
        with self._lock:
            last = self._last
            found = [
                request
                for request, ids in self._kept
                if request["sequence"] > since and (not about or about & ids)
            ]
        body = json.dumps({"last": last, "requests": found}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def with_a_name(credentials):
    """Credentials by which a function is known."""

    def named(config):
        return {**credentials(config), "AWS_SESSION_TOKEN": config.get("FunctionName", "")}

    return named


def operation(scope, headers):
    """The service and the operation of a request: by its target, or, where the service has none, by its path."""
    signed_for = re.search(rb"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/", headers.get(b"authorization", b""))
    service = signed_for.group(1).decode() if signed_for else "unknown"
    target = headers.get(b"x-amz-target", b"").decode()
    if target:
        return service, target.rsplit(".", 1)[-1]
    if scope["path"] == "/v2/email/outbound-emails":
        return service, "SendEmail"
    return service, f"{scope['method']} {scope['path']}"


def collect_fairly(collect):
    """Hands out messages as a fair queue does: first those of the group that has the fewest in flight.

    So a company's flood does not delay the others' messages. Within a group the order stays that of arrival.
    """

    def collected(queue, max_n, vis_timeout):
        if queue["is_fifo"] or not any(message.get("group_id") for message in queue["messages"]):
            return collect(queue, max_n, vis_timeout)
        now = time.time()
        in_flight, waiting = collections.Counter(), collections.defaultdict(collections.deque)
        for message in queue["messages"]:
            # A message without a group is a group of its own.
            group = message.get("group_id") or id(message)
            if message["visible_at"] <= now:
                waiting[group].append(message)
            elif message["receive_count"] > 0:
                in_flight[group] += 1
        chosen = []
        while waiting and len(chosen) < max_n:
            group = min(waiting, key=lambda group: in_flight[group])
            chosen.append(waiting[group].popleft())
            in_flight[group] += 1
            if not waiting[group]:
                del waiting[group]
        return collect({**queue, "messages": chosen}, max_n, vis_timeout)

    return collected


def poll_streams_apart(poll):
    """Polls streams on a thread of their own. On MiniStack's, no queue is polled while a stream's function runs."""

    def keep_polling():
        while True:
            try:
                busy = poll()
            except Exception:
                logging.exception("polling streams")
                busy = False
            if not busy:
                time.sleep(0.05)

    threading.Thread(target=keep_polling, daemon=True).start()
    return lambda: False


def refuse_unsigned(apply_scope):
    """Refuses what nobody has signed, unless the bucket is open to everybody. MiniStack does that where it checks permissions only.

    What calls S3 from within the emulator is signed by nobody, and let through.
    """

    def scoped(method, bucket, key, headers, query_params, body=b"", internal=False):
        owner = None if internal or not bucket else s3._bucket_owner_account(bucket)
        signed = owner is None or s3._request_access_key(method, key, headers, query_params, body)
        if not signed and not s3._foreign_bucket_allows(owner, bucket, key, method, query_params, "", headers):
            return s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")
        return apply_scope(method, bucket, key, headers, query_params, body, internal)

    return scoped


def accept_names(resolve):
    """Knows the session tokens that `with_a_name` gives out: whoever signs with the account's own key needs none."""

    def resolved(access_key, account, session_token):
        return resolve(access_key, account, "" if access_key == account else session_token)

    return resolved


def from_the_last_hop(event_of):
    """Takes a request's `sourceIp` from the end of `X-Forwarded-For`, which the gateway has written.

    MiniStack takes the beginning, where callers write what they like. On AWS nobody can: it is who connects.
    """

    def truly_from(*arguments, **named):
        event = event_of(*arguments, **named)
        hops = event["headers"].get("x-forwarded-for", "127.0.0.1")
        event["requestContext"]["identity"]["sourceIp"] = hops.rsplit(",", 1)[-1].strip()
        return event

    return truly_from


def poll_queues_at_once():
    """Ends two waits of messages, neither of which they have on AWS.

    A message waited up to 50 ms wherever the poller had just been woken for nothing. Not only messages wake it: each batch
    that ends does, and each record that a table's stream gets, so it waited the longer the more others were at work. Streams
    have a thread of their own here, and need not wake it.

    And what was given back for some seconds was seen up to a second late, together with all that came in that second.
    """
    dynamodb.esm_wake = threading.Event()
    lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = 0.001

    def keep_waking():
        while True:
            time.sleep(0.1)
            lambda_svc.esm_wake.set()

    threading.Thread(target=keep_waking, daemon=True).start()


def read_expressions_once():
    """Remembers what an expression of DynamoDB's says. MiniStack reads and checks it anew for each item that it is held against."""

    def remembered(of_tokens):
        known = functools.lru_cache(maxsize=4096)(of_tokens)
        return lambda tokens, *slot: known(tuple(tokens), *slot)

    read = dynamodb._tokenize
    dynamodb._tokenize = functools.lru_cache(maxsize=4096)(lambda expression: tuple(read(expression)))
    dynamodb._check_redundant_parens = remembered(dynamodb._check_redundant_parens)
    dynamodb._check_reserved_keyword_usage = remembered(dynamodb._check_reserved_keyword_usage)
    dynamodb._condition_syntax_error = functools.lru_cache(maxsize=4096)(dynamodb._condition_syntax_error)


def compare_keys_at_once(evaluate):
    """Holds a partition's items against a query's key condition where that compares text, without walking through its grammar.

    MiniStack looks at each item of the partition for each query: it was nine tenths of its work with some thousand items there.
    What has another form, or compares anything else, is MiniStack's to evaluate, or to refuse.
    """
    comparisons = {"EQ": operator.eq, "LT": operator.lt, "LE": operator.le, "GT": operator.gt, "GE": operator.ge}

    @functools.lru_cache(maxsize=4096)
    def read(condition):
        """The attribute, comparison and value of each part; None where one has another form."""
        tokens, parts = dynamodb._tokenize(condition), []
        if dynamodb._check_reserved_keyword_usage(tokens):
            return None
        for clause in dynamodb._key_condition_clauses(tokens):
            match clause:
                case [("IDENT" | "NAME_REF", name), (comparison, _), ("VALUE_REF", value)] if comparison in comparisons:
                    parts.append((name, comparisons[comparison], value))
                case [
                    ("IDENT" | "NAME_REF", name),
                    ("IDENT", "BETWEEN"),
                    ("VALUE_REF", first),
                    ("IDENT", "AND"),
                    ("VALUE_REF", last),
                ]:
                    parts += [(name, operator.ge, first), (name, operator.le, last)]
                case [
                    ("IDENT", "begins_with"),
                    ("LPAREN", _),
                    ("IDENT" | "NAME_REF", name),
                    ("COMMA", _),
                    ("VALUE_REF", value),
                    ("RPAREN", _),
                ]:
                    parts.append((name, str.startswith, value))
                case _:
                    return None
        return parts

    def evaluated(condition, item, values, names, slot="ConditionExpression"):
        parts = read(condition) if condition and slot == "KeyConditionExpression" else None
        for name, holds, value in parts or ():
            left, right = item.get(names.get(name, name), {}), values.get(value, {})
            if "S" not in left or "S" not in right:
                break
            if not holds(left["S"], right["S"]):
                return False
        else:
            if parts:
                return True
        return evaluate(condition, item, values, names, slot)

    return evaluated


class Headers:
    """The headers of emails, which MiniStack neither keeps nor lists, put into its list of emails as `Headers`."""

    def __init__(self):
        self._of = {}

    def kept(self, send):
        async def sent(method, path, headers, body, query_params):
            answer = await send(method, path, headers, body, query_params)
            status, _, text = answer
            if status == 200 and method == "POST" and path == "/v2/email/outbound-emails":
                message = json.loads(body)["Content"].get("Simple", {})
                kept = {header["Name"]: header["Value"] for header in message.get("Headers", [])}
                self._of[json.loads(text)["MessageId"]] = kept
            return answer

        return sent

    def listed(self, emails):
        async def listed(*arguments):
            answer = await emails(*arguments)
            if answer is None or answer[0] != 200:
                return answer
            status, headers, text = answer
            found = json.loads(text)
            for messages in found["messages"].values():
                for message in messages:
                    message["Headers"] = self._of.get(message["MessageId"], {})
            return status, headers, json.dumps(found).encode()

        return listed


if path := os.environ.get("GUSSET_FUNCTIONS_LOG"):
    log_functions_to(path)

requests = Requests()
# The name under which the module that makes functions' environments has imported it.
lambda_svc.execution_credentials = with_a_name(lambda_svc.execution_credentials)
app.app = requests.counting(app.app)
lambda_svc._poll_dynamodb_streams = poll_streams_apart(lambda_svc._poll_dynamodb_streams)
apigateway_v1._build_lambda_event_v1 = from_the_last_hop(apigateway_v1._build_lambda_event_v1)
sqs._collect_msgs = collect_fairly(sqs._collect_msgs)
s3._apply_bucket_scope = refuse_unsigned(s3._apply_bucket_scope)
s3.resolve_credential = accept_names(s3.resolve_credential)
headers = Headers()
ses_v2.handle_request = headers.kept(ses_v2.handle_request)
app._handle_ses_messages_request = headers.listed(app._handle_ses_messages_request)
poll_queues_at_once()
read_expressions_once()
dynamodb._evaluate_condition = compare_keys_at_once(dynamodb._evaluate_condition)

app.main()
