use std::time::Duration;

use sandbox::{Desk, Fault, Leg, Options, Times, World};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn code(desk: &Desk, server: &str) -> String {
    let said = desk.say(&["token", server, "--json"]).await;
    let document: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
    document["code"].as_str().unwrap_or("served").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_server_or_metadata_document_gets_no_assertion() {
    let world = World::start(Options::default()).await;
    let table: [(&str, Leg, Fault); 6] = [
        (
            "resource metadata of another origin",
            Leg::Prm("wiki"),
            Fault::Error { status: 200, code: "x".into(), description: String::new() },
        ),
        ("an authorization server that claims another issuer", Leg::AsMetadata("wiki"), Fault::WrongIssuer),
        ("metadata that never ends", Leg::AsMetadata("wiki"), Fault::HugeBody),
        ("metadata that redirects away", Leg::AsMetadata("wiki"), Fault::Redirect("https://evil.example/".into())),
        ("metadata that is a web page", Leg::AsMetadata("wiki"), Fault::Html),
        ("metadata that is not JSON", Leg::Prm("wiki"), Fault::BadJson),
    ];
    for (name, leg, fault) in table {
        world.faults().clear();
        world.faults().set(leg, fault, Times::Always);
        let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
        let before = world.idp.count("token_exchange");
        let code = code(&desk, "wiki").await;
        assert!(matches!(code.as_str(), "server-misconfigured" | "server-unreachable"), "{name}: {code}");
        assert_eq!(world.idp.count("token_exchange"), before, "{name}: nothing was asked of the IdP");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spoilt_assertion_never_reaches_the_authorization_server() {
    let world = World::start(Options::default()).await;
    for fault in [Fault::WrongIssuer, Fault::TwoAudiences] {
        world.faults().clear();
        world.faults().set(Leg::IdpExchange, fault.clone(), Times::Always);
        let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
        let before = world.resource("wiki").count("jwt_bearer");
        assert_eq!(code(&desk, "wiki").await, "server-misconfigured", "{fault:?}");
        assert_eq!(world.resource("wiki").count("jwt_bearer"), before, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_token_that_cannot_be_verified_signs_nobody_in() {
    let world = World::start(Options::default()).await;
    for fault in [Fault::AlgNone, Fault::Hs256, Fault::UnknownKid, Fault::WrongIssuer, Fault::Expired] {
        world.faults().clear();
        world.faults().set(Leg::IdpCode, fault.clone(), Times::Always);
        let desk = Desk::start(&world, &world.policy_json());
        let said = desk.try_sign_in("ada").await;
        assert_ne!(said.code, 0, "{fault:?}: {said:?}");
        assert_eq!(desk.status().await["session"]["state"], "signed-out", "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_of_leg_three_leads_to_a_new_assertion_and_never_to_a_replay() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    world.faults().set(Leg::AsToken("wiki"), Fault::Cut, Times::Once);
    assert_eq!(code(&desk, "wiki").await, "served");
    assert_eq!((world.idp.granted("token_exchange"), world.resource("wiki").count("jwt_bearer")), (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttling_is_no_sign_in_problem_and_is_obeyed() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    world.faults().set(Leg::IdpExchange, Fault::Throttled { retry_after: Some(30) }, Times::Always);
    let said = desk.say(&["token", "wiki", "--json"]).await;
    let problem: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, problem["code"].as_str()), (4, Some("idp-throttled")));
    assert!(problem["retry_after"].as_u64().unwrap() >= 29, "{problem}");
    let asked = world.idp.count("token_exchange");
    assert_eq!(code(&desk, "wiki").await, "idp-throttled");
    assert_eq!(world.idp.count("token_exchange"), asked, "the wait is kept");
    assert_eq!(desk.status().await["session"]["state"], "active");
}

/// Requests that a web page, a scanner or another program could make at the loopback door.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_web_page_gets_nothing_from_the_loopback_door() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let base = desk.status().await["doors"]["loopback"].as_str().unwrap().to_owned();
    let host = base.trim_start_matches("http://").to_owned();
    let said = desk.say(&["setup", "key", "tests", "--json"]).await;
    let key = serde_json::from_str::<Value>(&said.stdout).unwrap()["key"].as_str().unwrap().to_owned();
    let path = "POST /v1/servers/linear/token";
    let good = format!("Authorization: Bearer {key}");
    let table: [(&str, &str, Vec<&str>, u16); 11] = [
        (path, &host, vec![&good], 200),
        (path, &host, vec![], 403),
        (path, &host, vec!["Authorization: Bearer lyk_wrong"], 403),
        (path, "evil.example", vec![&good], 403),
        (path, "localhost", vec![&good], 403),
        (path, &host, vec![&good, "Origin: https://evil.example"], 403),
        (path, &host, vec![&good, "Origin: null"], 403),
        (path, &host, vec![&good, "Referer: https://evil.example/"], 403),
        (path, &host, vec![&good, "Sec-Fetch-Site: cross-site"], 403),
        (
            "OPTIONS /v1/servers/linear/token",
            &host,
            vec!["Origin: https://evil.example", "Access-Control-Request-Method: POST"],
            403,
        ),
        ("GET /.well-known/oauth-protected-resource", &host, vec![], 404),
    ];
    for (line, host_header, headers, expected) in table {
        let mut stream = tokio::net::TcpStream::connect(&host).await.unwrap();
        let extra: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {host_header}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n{extra}\r\n{{}}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let status: u16 = answer.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(status, expected, "{line} {host_header} {headers:?}: {answer}");
        let low = answer.to_ascii_lowercase();
        assert!(!low.contains("www-authenticate") && !low.contains("access-control-"), "{answer}");
    }
    assert_eq!(desk.say(&["setup", "--remove-key", "tests"]).await.code, 0);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(format!("{base}/v1/servers/linear/token")).bearer_auth(&key).json(&json!({})).send().await.unwrap();
    assert_eq!(answer.status(), 403, "a removed key opens nothing");
}

/// A second uid at both doors; needs root to become somebody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_user_is_refused_at_both_doors() {
    use std::os::unix::process::CommandExt;
    if std::fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own)).unwrap_or(1) != 0 {
        sandbox::desk::skipped("becoming another user needs root");
        return;
    }
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let said = desk.say(&["setup", "key", "tests", "--json"]).await;
    let key = serde_json::from_str::<Value>(&said.stdout).unwrap()["key"].as_str().unwrap().to_owned();
    let base = desk.status().await["doors"]["loopback"].as_str().unwrap().to_owned();
    // The folders are opened, so that the door itself has to refuse.
    for folder in [desk.path(""), desk.path("run"), desk.path("run/lanyard")] {
        std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    std::fs::set_permissions(desk.socket(), std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    let curl = |arguments: Vec<String>| {
        let mut command = std::process::Command::new("curl");
        command.args(["-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}"]).args(arguments).uid(12_345).gid(12_345);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let body = ["-H", "Content-Type: application/json", "-d", "{}"].map(str::to_owned);
    let socket = [
        vec!["--unix-socket".to_owned(), desk.socket().display().to_string()],
        body.to_vec(),
        vec!["http://x/v1/servers/linear/token".to_owned()],
    ]
    .concat();
    assert_eq!(curl(socket), "403");
    let loopback =
        [body.to_vec(), vec!["-H".to_owned(), format!("Authorization: Bearer {key}"), format!("{base}/v1/servers/linear/token")]]
            .concat();
    assert_eq!(curl(loopback), "403", "even with a right key");
    let refused = |audit: &str| audit.matches("caller-refused").count() >= 1;
    let began = std::time::Instant::now();
    while !refused(&std::fs::read_to_string(desk.path("state/lanyard/audit.jsonl")).unwrap_or_default()) {
        assert!(began.elapsed().as_secs() < 20, "the refusal is not audited");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_and_silent_connections_hold_nobody_up() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = tokio::net::UnixStream::connect(desk.socket()).await.unwrap();
        stream.write_all(b"POST /v1/servers/linear/token HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        slow.push(stream);
    }
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    let mut last = slow.pop().unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), last.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "a head that never ends is ended");
}
