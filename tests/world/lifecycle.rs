use sandbox::{Desk, Login, Options, World};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_agent_says_who_runs_and_ends() {
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    let file = desk.policy_file().display().to_string();
    let said = desk.say(&["run", "--policy", &file]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains(&desk.agent_pid().unwrap().to_string()), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_forgets_nothing_of_the_day() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    let ids = |said: sandbox::Said| -> Vec<u64> {
        said.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()?["id"].as_u64()).collect()
    };
    let before = ids(desk.say(&["audit", "--json"]).await);
    assert!(!before.is_empty());
    desk.stop_agent();
    desk.start_agent();
    let after = ids(desk.say(&["audit", "--json"]).await);
    assert!(before.iter().all(|id| after.contains(id)), "{before:?} {after:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_started_at_once_end_as_one() {
    let world = World::start(Options::default()).await;
    let desk = Desk::new(&world, &world.policy_json());
    let file = desk.policy_file().display().to_string();
    let mut children: Vec<_> =
        (0..2).map(|_| desk.command(&["run", "--policy", &file]).stderr(std::process::Stdio::null()).spawn().unwrap()).collect();
    let began = std::time::Instant::now();
    let ended = loop {
        if let Some(index) = children.iter_mut().position(|child| child.try_wait().unwrap().is_some()) {
            break index;
        }
        assert!(began.elapsed().as_secs() < 20, "both live");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(children[ended].wait().unwrap().code(), Some(1));
    let mut other = children.remove(1 - ended);
    let running = desk.until("running", |status| status["agent"]["running"] == true).await;
    assert_eq!(running["agent"]["pid"], other.id());
    other.kill().unwrap();
    other.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_starts_the_agent_when_none_runs() {
    let world = World::start(Options::default()).await;
    let desk = Desk::new(&world, &world.policy_json());
    // The detached agent has no --policy: the machine's policy is what it finds.
    let machine = desk.path("root/etc/lanyard/policy.json");
    std::fs::write(&machine, world.policy_json().to_string()).unwrap();
    assert_eq!(desk.say(&["token", "linear", "--no-start"]).await.code, 6);
    let said = desk.say(&["token", "linear", "--json"]).await;
    let problem: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
    assert_eq!(problem["code"], "sign-in-required", "{problem}");
    let status = desk.status().await;
    assert_eq!(status["policy"]["managed"], true, "{status:#}");
    let pid = status["agent"]["pid"].as_u64().unwrap();
    desk.sign_in("ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    std::process::Command::new("kill").arg(pid.to_string()).status().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_can_be_pasted_where_the_browser_is_elsewhere() {
    use std::io::Write;
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    let mut command = desk.command(&["login", "--print-url", "--paste"]);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    std::io::BufRead::read_line(&mut lines, &mut url).unwrap();
    let redirected = sandbox::browser::sign_in_for_paste(url.trim(), "ada", sandbox::PASSWORD).await.unwrap();
    writeln!(child.stdin.take().unwrap(), "{redirected}").unwrap();
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert!(ended.success(), "{}", desk.agent_log());
    assert_eq!(desk.status().await["session"]["state"], "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strays_and_scanners_do_not_end_a_sign_in() {
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    let login = Login::begin(&desk).await;
    let url = reqwest::Url::parse(&login.url).unwrap();
    let redirect = url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    let stranger = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for stray in ["?code=x&state=y", "?error=access_denied&state=y", "/favicon.ico", "?code=x", ""] {
        let answer = stranger.get(format!("{redirect}{stray}")).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{stray}");
    }
    assert_eq!(stranger.post(&redirect).send().await.unwrap().status(), 404);
    // Silence, and half a request.
    let address = redirect.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let _silent = tokio::net::TcpStream::connect(&address).await.unwrap();
    let landing = desk.browser().sign_in(&login.url, "ada", sandbox::PASSWORD).await.unwrap();
    assert!(landing.page.contains("<h1>Signed in</h1>"), "{}", landing.page);
    assert_eq!(login.end().await.code, 0);
    let gone = tokio::net::TcpStream::connect(&address).await;
    assert!(gone.is_err(), "the listener lives only during the attempt");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pausing_closes_the_doors_and_resuming_opens_them() {
    let world = World::start(Options::default()).await;
    let desk = Desk::signed_in(&world, &world.policy_json(), "ada").await;
    assert_eq!(desk.say(&["pause"]).await.code, 0);
    let said = desk.say(&["token", "linear", "--json"]).await;
    let problem: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said.code, problem["code"].as_str()), (7, Some("door-closed")));
    assert_eq!(desk.status().await["agent"]["paused"], true);
    assert_eq!(desk.say(&["resume"]).await.code, 0);
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_that_policy_does_not_allow_are_refused_at_sign_in() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["AllowedAccounts"] = json!(["group:finance"]);
    let desk = Desk::start(&world, &policy);
    let said = desk.try_sign_in("ada").await;
    assert_eq!(said.code, 7, "{said:?}");
    let status = desk.status().await;
    assert_eq!(
        (status["session"]["state"].as_str(), status["session"]["reason"].as_str()),
        (Some("signed-out"), Some("account")),
        "{status:#}"
    );
    assert_eq!(world.idp.granted("revoke"), 1, "what it brought was revoked");
    let login = Login::begin(&desk).await;
    world.browser().sign_in(&login.url, "grace", sandbox::PASSWORD).await.unwrap();
    assert_eq!(login.end().await.code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_proves_itself_in_every_way_that_policy_offers() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    for (client, method) in
        [("lanyard-basic", "client_secret_basic"), ("lanyard-post", "client_secret_post"), ("lanyard-jwt", "private_key_jwt")]
    {
        policy["ClientId"] = json!(client);
        policy["ClientAuthentication"] = json!(method);
        let table = policy.as_object_mut().unwrap();
        table.remove("ClientSecret");
        table.remove("ClientKeyFile");
        match method {
            "private_key_jwt" => policy["ClientKeyFile"] = json!(world.idp_key_file()),
            _ => policy["ClientSecret"] = json!(sandbox::SECRET),
        }
        let desk = Desk::signed_in(&world, &policy, "ada").await;
        let said = desk.say(&["token", "wiki"]).await;
        assert_eq!(said.code, 0, "{method}: {said:?}\n{}", desk.agent_log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirect_ports_that_are_all_taken_are_a_clear_fault() {
    let world = World::start(Options::default()).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut policy = world.policy_json();
    policy["RedirectPorts"] = json!([taken.local_addr().unwrap().port()]);
    let desk = Desk::start(&world, &policy);
    let said = desk.say(&["login", "--print-url", "--json"]).await;
    assert!(said.code == 7 && said.stdout.contains("port"), "{said:?}");
    drop(taken);
    desk.sign_in("ada").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_belongs_to_somebody_else_is_not_spoken_to() {
    if std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) != 0 {
        sandbox::desk::skipped("giving a folder to another user needs root");
        return;
    }
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    assert_eq!(desk.say(&["status"]).await.code, 5);
    std::os::unix::fs::chown(desk.path("run/lanyard"), Some(12_345), None).unwrap();
    let said = desk.say(&["token", "linear", "--no-start"]).await;
    assert!(said.code != 0 && said.stdout.is_empty() && !said.stderr.contains("Sign-in"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_served_first_is_told_where_the_loopback_door_is() {
    let world = World::start(Options::default()).await;
    for _ in 0..5 {
        let desk = Desk::start(&world, &world.policy_json());
        let status = desk.status().await;
        assert!(status["doors"]["loopback"].is_string(), "{status}");
    }
}
