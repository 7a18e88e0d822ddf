use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use crate::world::{OTHER, Open, Reply, TOKEN, as_other, exchange, limits, one, open, open_with, request, until};
use lanyard_broker::{Limits, Pattern};

fn key(open: &Open, name: &str) -> String {
    let reply = open.ask("POST", "/v1/programs", Some(&format!("{{\"name\":\"{name}\"}}")));
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["key"].as_str().unwrap().to_owned()
}

/// A request with a right key and a right Host, and whatever else.
fn loopback(open: &Open, key: &str, method: &str, path: &str, more: &[&str]) -> Reply {
    let host = format!("Host: 127.0.0.1:{}", open.port());
    let key = format!("Lanyard-Key: {key}");
    let headers: Vec<&str> = [host.as_str(), key.as_str()].into_iter().chain(more.iter().copied()).collect();
    exchange(open.tcp(), &request(method, path, &headers, None))
}

#[test]
fn the_loopback_door_wants_the_right_host_and_key_and_no_browser() {
    let open = open();
    let key = key(&open, "claude");
    let right = format!("Host: 127.0.0.1:{}", open.port());
    let bearer = format!("Authorization: Bearer {key}");
    let own = format!("Lanyard-Key: {key}");
    let wrong = format!("Lanyard-Key: lyk_{}", "a".repeat(43));
    let localhost = format!("Host: localhost:{}", open.port());
    let absolute = format!("http://127.0.0.1:{}/v1/servers", open.port());
    let path = "/v1/servers";
    // status, and whether the body is empty
    let table: Vec<(&str, &str, Vec<&str>, u16, bool)> = vec![
        ("GET", path, vec![&right, &own], 200, false),
        ("GET", path, vec![&right, &bearer], 200, false),
        ("GET", path, vec![&right, &own, "Sec-Fetch-Site: none"], 200, false),
        ("GET", path, vec![&right], 403, false),
        ("GET", path, vec![&right, &wrong], 403, false),
        ("GET", path, vec![&right, &own, &own], 403, false),
        ("GET", path, vec![&own], 403, true),
        ("GET", path, vec![&localhost, &own], 403, true),
        ("GET", path, vec!["Host: evil.example", &own], 403, true),
        ("GET", path, vec![&right, &right, &own], 403, true),
        ("GET", path, vec![&right, "Host: evil.example", &own], 403, true),
        ("GET", path, vec![&right, &own, "Origin: https://evil.example"], 403, true),
        ("GET", path, vec![&right, &own, "Origin: null"], 403, true),
        ("GET", path, vec![&right, &own, "Referer: http://127.0.0.1/"], 403, true),
        ("GET", path, vec![&right, &own, "Sec-Fetch-Site: cross-site"], 403, true),
        ("GET", path, vec![&right, &own, "Sec-Fetch-Site: same-origin"], 403, true),
        ("GET", &absolute, vec![&right, &own], 403, true),
        ("GET", "http://evil.example/v1/servers", vec![&right, &own], 403, true),
        ("CONNECT", "evil.example:443", vec![&right, &own], 403, true),
        // A preflight, as a browser sends it, and without its marks.
        ("OPTIONS", path, vec![&right, "Origin: https://evil.example", "Access-Control-Request-Method: GET"], 403, true),
        ("OPTIONS", path, vec![&right], 403, false),
        ("OPTIONS", "*", vec![&right, &own], 404, true),
        // Unknown paths are unknown before any key is looked at; so are the socket's own.
        ("GET", "/v1/status", vec![&right], 404, true),
        ("GET", "/v1/status", vec![&right, &own], 404, true),
        ("POST", "/v1/programs", vec![&right, &own], 404, true),
        ("POST", "/v1/session/sign-in", vec![&right, &own], 404, true),
        ("GET", "/.well-known/oauth-protected-resource", vec![&right], 404, true),
        ("GET", "/v2/servers", vec![&right], 404, false),
        ("POST", path, vec![&right, &own], 405, true),
        ("HEAD", path, vec![&right, &own], 405, true),
        ("GET", "/v1/servers/wiki/token", vec![&right, &own], 405, true),
    ];
    for (method, path, headers, status, empty) in table {
        let reply = exchange(open.tcp(), &request(method, path, &headers, None));
        assert_eq!((reply.status, reply.body.is_empty()), (status, empty), "{method} {path} {headers:?} {reply:?}");
        assert!(!reply.body.contains(TOKEN));
    }
}

#[test]
fn a_revoked_key_is_refused_on_the_connection_that_it_opened() {
    let open = open();
    let key = key(&open, "codex");
    let mut stream = open.tcp();
    let ask = format!("GET /v1/servers HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nLanyard-Key: {key}\r\n\r\n", open.port());
    stream.write_all(ask.as_bytes()).unwrap();
    assert_eq!(one(&mut stream).status, 200);
    assert_eq!(open.ask("DELETE", "/v1/programs", Some(r#"{"name":"codex"}"#)).json()["removed"], true);
    stream.write_all(ask.as_bytes()).unwrap();
    let refused = one(&mut stream);
    assert_eq!((refused.status, refused.code().as_str()), (403, "client-not-allowed"));
}

#[test]
fn the_socket_wants_no_host_and_no_browser() {
    let open = open();
    let table: Vec<(&str, &str, Vec<&str>, u16, bool)> = vec![
        ("GET", "/v1/status", vec!["Host: anything"], 200, false),
        ("GET", "/v1/status", vec![], 200, false),
        ("GET", "/v1/status", vec!["Host: a", "Host: b"], 403, true),
        ("GET", "/v1/status", vec!["Host: a", "Origin: https://evil.example"], 403, true),
        ("GET", "/v1/status", vec!["Host: a", "Referer: x"], 403, true),
        ("GET", "/v1/status", vec!["Host: a", "Sec-Fetch-Site: cross-site"], 403, true),
        ("GET", "http://a/v1/status", vec!["Host: a"], 403, true),
        ("POST", "/v1/status", vec!["Host: a"], 405, true),
        ("GET", "/v1/nothing", vec!["Host: a"], 404, true),
        ("GET", "/v9/status", vec!["Host: a"], 404, false),
        ("POST", "/v1/servers/nowhere/token", vec!["Host: a"], 404, false),
        ("POST", "/v1/servers/a%2e/token", vec!["Host: a"], 404, true),
        ("GET", "/v1/doctor/nowhere", vec!["Host: a"], 404, false),
        ("GET", "/v1/audit?after=x", vec!["Host: a"], 400, false),
    ];
    for (method, path, headers, status, empty) in table {
        let reply = exchange(open.socket(), &request(method, path, &headers, None));
        assert_eq!((reply.status, reply.body.is_empty()), (status, empty), "{method} {path} {headers:?} {reply:?}");
    }
    assert_eq!(open.ask("GET", "/v9/status", None).code(), "version-unsupported");
    assert_eq!(open.ask("POST", "/v1/servers/nowhere/token", None).code(), "server-unknown");
}

#[test]
fn hostile_bodies_and_heads_get_a_refusal() {
    let open = open();
    let deep = format!("{}1{}", "{\"a\":".repeat(99), "}".repeat(99));
    let long = format!("{{\"scope\":\"{}\"}}", "x".repeat(70_000));
    for body in [
        "{",
        "[]",
        "{\"scope\":\"a\",\"scope\":\"b\"}",
        "{\"scope\":\"a\\u0000\"}",
        "{\"scope\":\"a\\\"b\"}",
        "{\"min_ttl\":86401}",
        deep.as_str(),
        long.as_str(),
    ] {
        let reply = open.ask("POST", "/v1/servers/wiki/token", Some(body));
        assert_eq!((reply.status, reply.code().as_str()), (400, "bad-request"), "{}", &body[..body.len().min(40)]);
        assert!(!reply.body.contains("scope\":\"a"), "LI-24: no echo");
    }
    let head = "POST /v1/servers/wiki/token HTTP/1.1\r\nHost: x\r\n";
    let smuggled = "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n";
    let table = [
        (format!("{head}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"), 400),
        (format!("{head}Content-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"), 400),
        (format!("{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"), 200),
        (format!("{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{{,\r\n0\r\n\r\n"), 400),
        (format!("{head}Content-Type: application/json\r\nTransfer-Encoding: gzip\r\n\r\n"), 400),
        (format!("{head}Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"), 400),
        (format!("{head}Content-Type: application/json\r\nContent-Length: +2\r\n\r\n{{}}"), 400),
        ("GET /v1/status HTTP/1.1\r\nHost : x\r\n\r\n".into(), 400),
        ("GET /v1/status HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n".into(), 400),
        ("GET /v1/status HTTP/1.1\nHost: x\r\nX: \0\r\n\r\n".into(), 400),
        (format!("GET /v1/status HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(17_000)), 431),
        (format!("GET /v1/status?{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(17_000)), 431),
        (format!("GET /v1/status HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(200)), 431),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), 0),
        ("GET /v1/status HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".into(), 400),
    ];
    for (bytes, status) in table {
        let reply = exchange(open.socket(), bytes.as_bytes());
        assert_eq!(reply.status, status, "{reply:?} {}", &bytes[..bytes.len().min(150)]);
    }
    // Two lengths: the chunks count, and nothing that follows on the connection is taken for a request.
    for order in ["Content-Length: 30\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 30"] {
        let bytes = format!("{head}Content-Type: application/json\r\n{order}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n{smuggled}");
        let reply = exchange(open.socket(), bytes.as_bytes());
        assert_eq!(reply.status, 200);
        assert!(!reply.body.contains("HTTP/1.1") && !reply.body.contains("session"), "{reply:?}");
    }
}

#[test]
fn a_slow_head_is_not_waited_for() {
    let open = open_with(Limits { head: Duration::from_millis(200), ..limits() });
    let mut stream = open.socket();
    stream.write_all(b"GET /v1/status HTTP/1.1\r\nHost:").unwrap();
    let begun = Instant::now();
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    assert!(begun.elapsed() < Duration::from_secs(10) && !text.contains("200 OK"), "{text}");
    // A silent one, too.
    let _ = open.tcp().read_to_string(&mut text);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_slow_body_is_not_waited_for() {
    let open = open_with(Limits { body: Duration::from_millis(200), ..limits() });
    let mut stream = open.socket();
    stream
        .write_all(
            b"POST /v1/servers/wiki/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
        )
        .unwrap();
    assert_eq!(one(&mut stream).code(), "bad-request");
}

#[test]
fn one_connection_too_many_is_told_so() {
    let open = open();
    let held: Vec<_> = (0..2_048).map(|_| open.socket()).collect();
    let reply = open.ask("GET", "/v1/status", None);
    assert_eq!((reply.status, reply.code().as_str()), (503, "busy"));
    assert!(reply.head.contains("retry-after:") && reply.head.contains("connection: close"), "{reply:?}");
    let over_tcp = exchange(open.tcp(), &request("GET", "/v1/servers", &["Host: x"], None));
    assert_eq!(over_tcp.status, 503);
    drop(held);
    until(|| open.ask("GET", "/v1/status", None).status == 200);
}

#[test]
fn another_user_gets_nothing_at_the_socket() {
    let open = open();
    // The folder keeps others out; this test opens it to see what the kernel's word does by itself.
    let refused = as_other(|| std::os::unix::net::UnixStream::connect(open.socket_path()).map(|_| ()));
    let Some(refused) = refused else { return };
    assert!(refused.is_err());
    let wide = |path: std::path::PathBuf, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    wide(open.folder.path().into(), 0o755);
    wide(open.folder.path().join("run"), 0o755);
    wide(open.socket_path(), 0o666);
    for path in ["/v1/status", "/v1/servers/wiki/token"] {
        let reply = as_other(|| open.ask("GET", path, None)).unwrap();
        assert_eq!((reply.status, reply.code().as_str()), (403, "client-not-allowed"));
        assert!(reply.head.contains("connection: close"));
    }
    let (events, _) = open.audit.since(0);
    let client = events[0].client.as_ref().unwrap();
    assert_eq!(
        (events[0].event.as_str(), events[0].door.as_deref(), client.uid),
        ("caller-refused", Some("socket"), Some(OTHER))
    );
    assert_eq!(events.len(), 1, "a caller that keeps knocking is counted");
    assert_eq!(open.ask("GET", "/v1/status", None).status, 200);
}

#[test]
fn another_user_gets_nothing_at_the_loopback_door_with_a_right_key() {
    let open = open();
    let key = key(&open, "claude");
    assert_eq!(loopback(&open, &key, "GET", "/v1/servers", &[]).status, 200);
    let Some(reply) = as_other(|| loopback(&open, &key, "GET", "/v1/servers", &[])) else { return };
    assert_eq!((reply.status, reply.code().as_str()), (403, "client-not-allowed"));
    let (events, _) = open.audit.since(0);
    let last = events.last().unwrap();
    assert_eq!((last.event.as_str(), last.door.as_deref()), ("caller-refused", Some("loopback")));
    assert_eq!(last.client.as_ref().unwrap().uid, Some(OTHER));
}

#[test]
fn lists_of_programs_hold_on_both_doors_and_at_once() {
    let open = open();
    let key = key(&open, "claude");
    let own = std::env::current_exe().unwrap();
    let pattern = |text: &str| Pattern::parse(text).unwrap();
    let mut kept = open.socket();
    let ask = b"POST /v1/servers/wiki/token HTTP/1.1\r\nHost: x\r\n\r\n";
    let token = |open: &Open| loopback(open, &key, "POST", "/v1/servers/wiki/token", &[]).status;

    open.world.set(|rules| rules.allowed = Some(vec![pattern(own.to_str().unwrap())]));
    kept.write_all(ask).unwrap();
    assert_eq!((one(&mut kept).status, token(&open)), (200, 200));

    open.world.set(|rules| rules.allowed = Some(vec![pattern("/usr/bin/elsewhere")]));
    kept.write_all(ask).unwrap();
    assert_eq!((one(&mut kept).code().as_str(), token(&open)), ("client-not-allowed", 403), "LI-19");
    // The face of the agent itself still shows why.
    assert_eq!(open.ask("GET", "/v1/status", None).status, 200);

    open.world.set(|rules| (rules.allowed, rules.blocked) = (None, vec![pattern(own.to_str().unwrap())]));
    kept.write_all(ask).unwrap();
    assert_eq!((one(&mut kept).status, token(&open)), (403, 403));

    open.world.set(|rules| {
        rules.blocked.clear();
        rules.servers.get_mut("wiki").unwrap().allowed = Some(vec![pattern("/usr/bin/elsewhere")]);
    });
    assert_eq!((open.ask("POST", "/v1/servers/wiki/token", None).status, token(&open)), (403, 403));
    let listed = open.ask("GET", "/v1/servers", None).json();
    assert_eq!(listed["servers"].as_array().unwrap().len(), 1, "{listed}");
}

#[test]
fn the_loopback_door_closes_and_opens_with_policy_and_keeps_its_port() {
    let mut open = open();
    let key = key(&open, "claude");
    let port = open.port();
    let mut kept = open.tcp();
    kept.write_all(format!("GET /v1/servers HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nLanyard-Key: {key}\r\n\r\n").as_bytes())
        .unwrap();
    assert_eq!(one(&mut kept).status, 200);
    open.broker().set_loopback(None);
    let mut end = Vec::new();
    kept.read_to_end(&mut end).unwrap();
    assert!(end.is_empty(), "its connections end");
    until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    assert_eq!(open.broker().doors().status.loopback, None);

    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    open.broker().set_loopback(Some(0));
    until(|| !open.broker().doors().problems.is_empty());
    assert!(open.broker().doors().problems[0].contains("in use"));
    assert_eq!(open.broker().doors().status.loopback, None, "a port that is taken is not replaced");
    drop(taken);
    open.broker().set_loopback(None);
    until(|| open.broker().doors().problems.is_empty());
    open.broker().set_loopback(Some(0));
    until(|| open.broker().doors().status.loopback.is_some());
    assert_eq!(open.port(), port);
    open.shutdown();
    assert!(!open.socket_path().exists());
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn a_stuck_exchange_is_not_waited_for_for_ever() {
    let open = open_with(Limits { work: Duration::from_millis(100), ..limits() });
    open.world.cached.store(false, SeqCst);
    open.world.stuck.store(true, SeqCst);
    assert_eq!(open.ask("POST", "/v1/servers/wiki/token", None).code(), "busy");
    until(|| open.world.given_up.load(SeqCst) == 1);
}
