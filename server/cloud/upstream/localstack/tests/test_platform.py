"""The protocol's client against a platform on loopback. Needs no LocalStack."""

import socket
import threading
import time
import unittest

from fake_platform import TOKEN, FakePlatform, answer, event_of
from lambda_range_executor.platform import Misconfigured, Platform, Refused, Unavailable

CALL = {"account": "111122223333", "functionName": "orders", "payload": "eyJhIjogMX0="}


class TheClient(unittest.TestCase):
    def invoke(self, respond, seconds=10):
        with FakePlatform(respond) as platform:
            try:
                return Platform(platform.url, TOKEN).invoke(CALL, seconds)
            finally:
                self.calls = platform.calls

    def test_gives_the_answer_of_the_function_and_its_logs(self):
        got = self.invoke(lambda action, body: answer(event_of(body), logs="START\nzwölf\n"))
        self.assertEqual((got.payload, got.is_error, got.logs), (b'{"a": 1}', False, "START\nzwölf\n"))
        self.assertEqual(self.calls, [("invoke", CALL)])

    def test_tells_an_error_of_the_function_from_an_answer(self):
        self.assertTrue(self.invoke(lambda *_: answer({"errorMessage": "no"}, error=True)).is_error)

    def test_raises_what_lambda_would_answer(self):
        with self.assertRaises(Refused) as raised:
            self.invoke(lambda *_: (429, b'{"code":"TooManyRequestsException","message":"Rate Exceeded."}'))
        error = raised.exception
        self.assertEqual((error.code, str(error), error.status), ("TooManyRequestsException", "Rate Exceeded.", 429))

    def test_passes_on_why_the_platform_did_not_run_it(self):
        with self.assertRaisesRegex(Unavailable, "did not run the function: The state of account 1 could not be read."):
            self.invoke(lambda *_: (503, b'{"message":"The state of account 1 could not be read."}'))

    def test_does_not_take_anything_else_for_an_answer(self):
        for body in (b"<html>", b"[]", b"{}", b'{"payload":"%%","functionError":null,"logs":""}'):
            with self.subTest(body), self.assertRaisesRegex(Unavailable, "no answer that can be read"):
                self.invoke(lambda *_, body=body: (200, body))

    def test_does_not_read_without_end(self):
        with self.assertRaisesRegex(Unavailable, "more than"):
            self.invoke(lambda *_: (200, b" " * (13 * 1024 * 1024)))

    def test_is_told_that_its_token_is_wrong(self):
        with FakePlatform() as platform, self.assertRaisesRegex(Unavailable, "token is missing or wrong"):
            Platform(platform.url, "another").invoke(CALL, 10)
        self.assertEqual(platform.calls, [])

    def test_says_that_nobody_listens(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
            with self.assertRaisesRegex(Unavailable, "cannot be reached"):
                Platform(url, TOKEN).invoke(CALL, 10)

    def test_waits_no_longer_than_it_may(self):
        done = threading.Event()
        self.addCleanup(done.set)
        began = time.monotonic()
        with self.assertRaisesRegex(Unavailable, "did not answer within 0.3 seconds"):
            self.invoke(lambda *_: (answer(1), done.wait(20))[0], 0.3)
        self.assertLess(time.monotonic() - began, 5)

    def test_waits_no_longer_for_an_answer_that_comes_in_drops(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=drip, args=(server,), daemon=True).start()
            with self.assertRaisesRegex(Unavailable, "did not answer within 0.5 seconds"):
                Platform(f"http://127.0.0.1:{server.getsockname()[1]}", TOKEN).invoke(CALL, 0.5)

    def test_says_that_a_version_is_gone(self):
        with FakePlatform(lambda *_: (200, b"{}")) as platform:
            Platform(platform.url + "/", TOKEN).discard({"functionName": "orders"})
            self.assertEqual(platform.calls, [("discard", {"functionName": "orders"})])
            platform.respond = lambda *_: (503, b"{}")
            with self.assertRaises(Unavailable):
                Platform(platform.url, TOKEN).discard({})


def drip(server: socket.socket) -> None:
    """Begins an answer and never ends it, with less between two bytes than any timeout of a socket."""
    connection, _ = server.accept()
    ended = threading.Event()
    with connection:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
            while not ended.wait(0.05):
                connection.sendall(b" ")
        except OSError:
            ended.set()


class ItsSettings(unittest.TestCase):
    def test_are_read_of_the_environment(self):
        good = {"LAMBDA_RANGE_URL": "http://127.0.0.1:3000", "LAMBDA_RANGE_EXECUTOR_TOKEN": "t"}
        self.assertIsInstance(Platform.from_environment(good), Platform)
        for wrong, said in (
            ({"LAMBDA_RANGE_URL": ""}, "LAMBDA_RANGE_URL is not set"),
            ({"LAMBDA_RANGE_URL": "127.0.0.1:3000"}, "not an http or https address"),
            ({"LAMBDA_RANGE_EXECUTOR_TOKEN": ""}, "LAMBDA_RANGE_EXECUTOR_TOKEN is not set"),
        ):
            with self.subTest(wrong), self.assertRaisesRegex(Misconfigured, said):
                Platform.from_environment({**good, **wrong})


if __name__ == "__main__":
    unittest.main()
