"""Attacks on a running review: who is not its page gets nothing, and changes nothing."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from approving import Project, copy_project
from serving import Served, refuse, review

from visualdiff.identity import identify_pair

TEXT = identify_pair("text.png", "")
ACCEPT = {"action": "accept", "pairs": [TEXT]}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("attacked"))
    project.run()
    (project.folder / "report" / "undo").mkdir()
    (project.folder / "report" / "undo" / "journal.json").write_text("{}")
    return project


@pytest.fixture(scope="module")
def running(project: Project) -> Iterator[Served]:
    with review(project.folder) as served:
        yield served


@pytest.fixture
def served(running: Served, project: Project) -> Iterator[Served]:
    """Yield a running review, which no test has moved to do anything."""
    before = project.baselines()
    yield running
    assert project.baselines() == before
    assert json.loads(running.ask("/state").body)["states"] == {}


@pytest.fixture(scope="module")
def asset(project: Project) -> str:
    results = json.loads(project.results.read_text())["results"]
    (entry,) = (entry for entry in results if entry["name"] == "text.png")
    return str(entry["artifacts"]["candidate"])


def test_the_page_itself_is_let_through(served: Served, asset: str, project: Project) -> None:
    assert b"text.png" in served.ask("/").body
    answer = served.ask(f"/{asset}")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert answer.body == (project.folder / "report" / asset).read_bytes()
    assert served.ask("/act", "POST", {"action": "undo"}).status == 200
    host = f"localhost:{served.port}"
    answer = served.ask("/act", "POST", {"action": "undo"}, Host=host, Origin=f"http://{host}")
    assert answer.status == 200


@pytest.mark.parametrize("path", ["/", "/state", "/act", "/nowhere", "ASSET"])
@pytest.mark.parametrize("token", ["", "wrong", "HALF", "OTHER NAME"])
def test_nothing_is_told_without_the_token(
    served: Served, asset: str, path: str, token: str
) -> None:
    name, value = served.cookie.split("=", 1)
    cookie = {
        "": "",
        "wrong": f"{name}=wrong",
        "HALF": f"{name}={value[:20]}",
        "OTHER NAME": f"visualdiff-review={value}",
    }[token]
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
        body = ACCEPT if method == "POST" else None
        answer = served.ask(path.replace("ASSET", f"/{asset}"), method, body, Cookie=cookie)
        assert answer.status == 403
        assert b"text.png" not in answer.body
        assert "set-cookie" not in answer.headers


def test_the_address_gives_the_cookie_and_is_left_at_once(served: Served) -> None:
    answer = served.ask(f"/?token={served.token}", Cookie="")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(served.cookie.lower())
    assert {"httponly", "samesite=strict", "path=/"} <= set(cookie.split("; "))
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("query", ["token=", "token=x", "token=%00", "tokens=TOKEN", "token=TOKE"])
def test_no_other_address_gives_the_cookie(served: Served, query: str) -> None:
    query = query.replace("TOKEN", served.token).replace("TOKE", served.token[:-1])
    answer = served.ask(f"/?{query}", Cookie="")
    assert (answer.status, "set-cookie" in answer.headers) == (403, False)


def test_a_token_in_the_address_changes_nothing(served: Served) -> None:
    path = f"/act?token={served.token}"
    assert served.ask(path, "POST", ACCEPT, Cookie="").status == 405
    assert served.ask(path, "POST", ACCEPT, Origin="http://evil.example").status == 405


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost",
        "localhost.evil.example:PORT",
        "127.0.0.1:PORT.evil.example",
        "evil@127.0.0.1:PORT",
        "0.0.0.0:PORT",
        "[::1]:PORT",
        "LOCALHOST:PORT",
    ],
)
def test_a_name_that_was_led_here_gets_nothing(served: Served, host: str) -> None:
    host = host.replace("PORT", str(served.port))
    for path in ("/", f"/?token={served.token}", "/state"):
        answer = served.ask(path, Host=host)
        assert answer.status == 400
        assert "set-cookie" not in answer.headers
        assert b"text.png" not in answer.body
    assert served.ask("/act", "POST", ACCEPT, Host=host, Origin=f"http://{host}").status == 400


@pytest.mark.parametrize(
    "lines",
    ["Host: HERE\r\nHost: evil.example", "Host: evil.example\r\nHost: HERE", "X: y"],
    ids=["two hosts", "two hosts, ours last", "no host"],
)
def test_a_host_is_said_once(served: Served, lines: str) -> None:
    answer = send(served, f"GET /state HTTP/1.1\r\n{lines}\r\nCookie: {served.cookie}\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_another_address_of_this_machine_is_not_listened_to(served: Served) -> None:
    with pytest.raises(OSError, match=r"refused|unreachable|requested address"):
        socket.create_connection(("127.0.0.2", served.port), timeout=5).close()


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:PORT",
        "http://localhost:PORT",
        "http://127.0.0.1:PORT.evil.example",
        "http://127.0.0.1:PORT/",
    ],
)
def test_another_page_of_the_browser_changes_nothing(served: Served, origin: str) -> None:
    origin = origin.replace("PORT", str(served.port))
    answer = served.ask("/act", "POST", ACCEPT, Origin=origin)
    assert answer.status == 403


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_what_a_form_can_send_changes_nothing(served: Served, content_type: str) -> None:
    assert served.ask("/act", "POST", ACCEPT, Content_Type=content_type).status == 415


def test_nothing_is_changed_but_by_post(served: Served) -> None:
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = served.ask("/act", method, ACCEPT)
        assert answer.status == 405, method
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_no_other_page_may_read_or_frame_this_one(served: Served, asset: str) -> None:
    for path in ("/", "/state", f"/{asset}", "/nowhere"):
        for cookie in ("", served.cookie):
            headers = served.ask(path, Cookie=cookie, Origin="http://evil.example").headers
            assert "access-control-allow-origin" not in headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert "server" not in headers
            if path != f"/{asset}" or not cookie:
                assert headers["cache-control"] == "no-store"
    policy = served.ask("/").headers["content-security-policy"]
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"action": "accept", "pairs": "TEXT"}',
        b'{"action": "accept", "pairs": [1]}',
        b'{"action": "accept", "pairs": [null]}',
        b'{"action": "delete", "pairs": []}',
        b'{"action": "accept", "pairs": [], "path": "/etc/passwd"}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
    ids=range(11),
)
def test_what_is_no_order_is_refused(served: Served, body: bytes) -> None:
    assert served.ask("/act", "POST", body).status == 400


@pytest.mark.parametrize("one", ["nobody", "../../etc/passwd", "", "\x00", "é" * 1000])
def test_pairs_that_are_none_are_refused(served: Served, one: str) -> None:
    answer = served.ask("/act", "POST", {"action": "accept", "pairs": [TEXT, one]})
    assert answer.status == 409


@pytest.mark.parametrize("length", ["Content-Length: 5000000", "Transfer-Encoding: chunked"])
def test_a_body_has_an_end(served: Served, length: str) -> None:
    head = (
        f"POST /act HTTP/1.1\r\nHost: {served.host}\r\nCookie: {served.cookie}\r\n"
        f"Origin: http://{served.host}\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    )
    # One byte too many, and no end.
    start = "f4241\r\n" if "chunked" in length else ""
    answer = send(served, head + start + " " * 1_000_001)
    assert answer.startswith(b"HTTP/1.1 413 ")


SECRETS = (
    "results.json",
    "index.html",
    ".visualdiff-report",
    ".visualdiff-lock",
    "review.log",
    "undo/journal.json",
    "undo/",
    "assets/",
    "assets",
    "../visualdiff.yaml",
    "assets/../results.json",
    "assets/../undo/journal.json",
    "assets/../../visualdiff.yaml",
    "assets/../../../../../../../../../etc/passwd",
    "assets//etc/passwd",
    "/etc/passwd",
    "assets/\\..\\results.json",
)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_path_leads_out_of_the_files_of_the_run(served: Served, secret: str) -> None:
    once = quote(secret, safe="").replace(".", "%2e")
    raw = [
        f"/{secret}",
        f"//{secret}",
        f"/{once}",
        f"/{quote(once, safe='')}",
        f"/{secret.replace('..', '%2e%2e')}",
        f"/{secret.replace('../', '..%2f')}",
        f"/{secret}%00.png",
        f"/assets/{once}",
        f"/assets/..%c0%af{secret}",
        f"http://{served.host}/{secret}",
        f"file:///{secret}",
    ]
    for path in raw:
        answer = send(
            served,
            f"GET {path} HTTP/1.1\r\nHost: {served.host}\r\nCookie: {served.cookie}\r\n\r\n",
        )
        assert answer.split(b" ", 2)[1] in (b"400", b"404"), path


def test_a_file_that_no_pair_names_is_none_of_the_report(
    served: Served, project: Project, asset: str
) -> None:
    stray = project.folder / "report" / "assets" / "0123456789abcdef.png"
    stray.write_bytes((project.folder / "report" / asset).read_bytes())
    assert served.ask("/assets/0123456789abcdef.png").status == 404
    assert served.ask(f"/{asset}/").status == 404
    assert served.ask(f"/{asset.upper()}").status == 404


def test_no_link_is_followed(served: Served, project: Project, asset: str) -> None:
    path = project.folder / "report" / asset
    original = path.read_bytes()
    inside = project.folder / "report" / "undo" / "journal.json"
    for target in (project.config, inside, Path("/etc/passwd"), project.folder):
        path.unlink()
        path.symlink_to(target)
        assert served.ask(f"/{asset}").status == 404
    path.unlink()
    path.write_bytes(original)
    folder = path.parent
    moved = folder.rename(project.folder / "elsewhere")
    folder.symlink_to(moved)
    assert served.ask(f"/{asset}").status == 404
    folder.unlink()
    moved.rename(folder)
    assert served.ask(f"/{asset}").status == 200


def test_a_report_cannot_name_what_is_not_of_it(tmp_path: Path, project: Project) -> None:
    hostile = copy_project(project.folder, tmp_path / "hostile")
    for name in ("assets/../results.json", "../visualdiff.yaml", "/etc/passwd", "undo/a.png"):
        text = project.results.read_text()
        entry = json.loads(text)["results"][0]
        hostile.results.write_text(text.replace(entry["artifacts"]["candidate"], name))
        assert "is not of this visualdiff" in refuse(hostile.folder)


def test_a_page_of_somebody_else_is_no_page_here(tmp_path: Path, project: Project) -> None:
    hostile = copy_project(project.folder, tmp_path / "hostile")
    document = json.loads(hostile.results.read_text())
    entry = next(item for item in document["results"] if item["name"] == "text.png")
    entry["artifacts"]["candidate_file"] = "assets/abc.tiff"
    (hostile.folder / "report" / "assets" / "abc.tiff").write_text("<script>alert(1)</script>")
    (hostile.folder / "report" / "index.html").write_text("<script>alert(2)</script>")
    hostile.results.write_text(json.dumps(document))
    with review(hostile.folder) as served:
        answer = served.ask("/assets/abc.tiff")
        assert "html" not in answer.headers["content-type"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert b"alert(2)" not in served.ask("/").body


def send(served: Served, text: str) -> bytes:
    """Send bytes as they are, and return the beginning of the answer."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
        connection.sendall(text.encode("latin-1"))
        return connection.recv(65_536)
