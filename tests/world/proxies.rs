//! A world that only a proxy can reach.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use sandbox::desk::PATIENCE;
use sandbox::{Desk, HOST, Options, Portal, Proxy, Said, World};
use serde_json::{Value, json};
use tokio::net::TcpSocket;

async fn world() -> (World, Proxy, Value) {
    let world = World::start(Options { tls: true, named: true, ..Options::default() }).await;
    let policy = world.policy_json();
    (world, Proxy::start().await.unwrap(), policy)
}

fn authority(address: &str) -> String {
    let url = reqwest::Url::parse(address).unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

/// A proxy where nobody listens, and nobody else can begin to while the socket is kept.
fn gone() -> (String, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    (format!("http://{}", socket.local_addr().unwrap()), socket)
}

/// Sets a key of GNOME's proxy settings, as its own program does; false where that cannot be.
fn set_on_desktop(desk: &Desk, key: &str, value: &str) -> bool {
    let (child, key) = key.rsplit_once(' ').unwrap_or(("", key));
    let schema = format!("org.gnome.system.proxy{}", child.replace(':', "."));
    let mut set = desk.other("dbus-run-session".as_ref(), &["--", "gsettings", "set", &schema, key, value]);
    let done = set.output().is_ok_and(|output| output.status.success());
    // Without dconf, settings are forgotten when the program ends.
    done && desk.path("home/.config/dconf/user").is_file()
}

/// A real proxy of Debian, in front of the one that knows the world's name.
struct Tinyproxy {
    url: String,
    log: std::path::PathBuf,
    child: Child,
}

impl Tinyproxy {
    /// `None` where the machine has none. `more` is added to its configuration.
    async fn start(desk: &Desk, beyond: &Proxy, more: &str) -> Option<Self> {
        let program = std::path::Path::new("/usr/bin/tinyproxy");
        if !program.exists() {
            sandbox::desk::skipped("no tinyproxy on this machine");
            return None;
        }
        let ((url, kept), log, file) = (gone(), desk.path("tinyproxy.log"), desk.path("tinyproxy.conf"));
        let port = url.rsplit(':').next().unwrap();
        let upstream = beyond.url.trim_start_matches("http://");
        let text = format!(
            "Port {port}\nListen 127.0.0.1\nTimeout 30\nMaxClients 50\nLogFile \"{}\"\nLogLevel Connect\nUpstream http {upstream}\n{more}",
            log.display()
        );
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new(program);
        command.arg("-d").arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Its port is free from here on.
        drop(kept);
        let tinyproxy = Self { log, child: command.spawn().unwrap(), url: url.clone() };
        let began = Instant::now();
        while tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.is_err() {
            assert!(began.elapsed() < PATIENCE, "tinyproxy does not come up: {}", tinyproxy.log());
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        Some(tinyproxy)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// That the IdP, a resource AS and a server were all reached through the proxy.
fn carried(world: &World, proxy: &Proxy) {
    let asked = proxy.asked();
    for address in [world.idp.issuer(), world.resource("track").issuer(), world.server("linear").url()] {
        assert!(asked.contains(&authority(&address)), "{address} not among {asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fixed_proxy_carries_every_call_that_leaves_the_machine() {
    let (world, proxy, mut policy) = world().await;
    policy["ProxyMode"] = json!("fixed");
    policy["ProxyUrl"] = json!(proxy.url);
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    let said = desk.say(&["token", "linear"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    carried(&world, &proxy);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_systems_proxy_is_used_and_none_means_none() {
    let (world, proxy, mut policy) = world().await;
    let mut desk = Desk::new(&world, &policy);
    desk.set("HTTPS_PROXY", &proxy.url);
    desk.start_agent();
    desk.sign_in("ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    carried(&world, &proxy);

    let before = proxy.asked().len();
    policy["ProxyMode"] = json!("none");
    desk.write_policy(&policy);
    assert_eq!(desk.say(&["policy", "reload"]).await.code, 0);
    let said = desk.say(&["token", "figma"]).await;
    assert_eq!((said.code, proxy.asked().len()), (4, before), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosts_of_the_bypass_are_not_asked_of_the_proxy() {
    let (world, proxy, mut policy) = world().await;
    policy["ProxyMode"] = json!("fixed");
    policy["ProxyUrl"] = json!(proxy.url);
    policy["ProxyBypass"] = json!([HOST]);
    let desk = Desk::start(&world, &policy);
    let said = desk.say(&["login", "--print-url"]).await;
    assert_eq!((said.code, proxy.asked().len()), (4, 0), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desktops_portal_is_asked_and_a_proxy_that_is_away_is_passed_over() {
    let (world, proxy, policy) = world().await;
    let mut desk = Desk::new(&world, &policy);
    // As a script of automatic configuration answers: the first is gone, the last is never needed.
    let (gone, _kept) = gone();
    let Some(portal) = Portal::start(&mut desk, &[&gone, &proxy.url, "direct://"]).await.unwrap() else { return };
    desk.start_agent();
    assert_eq!(portal.asked(), [""; 0], "nothing is asked before it is needed");
    desk.sign_in("ada").await;
    let said = desk.say(&["token", "linear"]).await;
    assert_eq!(said.code, 0, "{said:?}\n{}", desk.agent_log());
    carried(&world, &proxy);
    let asked = portal.asked();
    let origin = format!("https://{}/", authority(&world.idp.issuer()));
    assert_eq!(asked.iter().filter(|asked| **asked == origin).count(), 1, "once, and the origin alone: {asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desktops_settings_are_read_where_no_portal_runs() {
    let (world, proxy, policy) = world().await;
    let mut desk = Desk::new(&world, &policy);
    let port = proxy.url.rsplit(':').next().unwrap();
    let settings = [("mode", "manual"), (":https host", "127.0.0.1"), (":https port", port)];
    for (key, value) in settings {
        if !set_on_desktop(&desk, key, value) {
            return sandbox::desk::skipped("no gsettings with dconf on this machine");
        }
    }
    desk.start_agent();
    desk.sign_in("ada").await;
    let said = desk.say(&["token", "linear"]).await;
    assert_eq!(said.code, 0, "{said:?}\n{}", desk.agent_log());
    carried(&world, &proxy);

    // The environment wins, and what it spares is reached directly, which leads nowhere here.
    desk.stop_agent();
    desk.set("NO_PROXY", HOST);
    desk.start_agent();
    let before = proxy.asked().len();
    let said = desk.say(&["token", "figma"]).await;
    assert_eq!((said.code, proxy.asked().len()), (4, before), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_of_kde_are_read_from_their_file() {
    let (world, proxy, policy) = world().await;
    let mut desk = Desk::new(&world, &policy);
    let config = desk.path("home/.config");
    std::fs::create_dir_all(&config).unwrap();
    let text = format!("[Proxy Settings]\nProxyType=1\nhttpsProxy={}\n", proxy.url.replace("127.0.0.1:", "127.0.0.1 "));
    std::fs::write(config.join("kioslaverc"), text).unwrap();
    desk.set("XDG_CURRENT_DESKTOP", "KDE");
    desk.start_agent();
    desk.sign_in("ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    carried(&world, &proxy);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loopback_is_never_asked_of_the_system_or_a_proxy() {
    let world = World::start(Options { tls: true, ..Options::default() }).await;
    let proxy = Proxy::start().await.unwrap();
    let policy = world.policy_json();
    let mut desk = Desk::new(&world, &policy);
    let Some(portal) = Portal::start(&mut desk, &[&proxy.url]).await.unwrap() else { return };
    desk.set("ALL_PROXY", &proxy.url);
    desk.start_agent();
    desk.sign_in("ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    assert_eq!((portal.asked(), proxy.asked()), (Vec::new(), Vec::new()));
}

/// The `network` step of `lanyard doctor`, and all of it.
async fn network_step(desk: &Desk) -> (Value, Said) {
    let said = desk.say(&["doctor", "linear", "--json"]).await;
    let document: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"));
    let steps = document["steps"].as_array().unwrap();
    (steps.iter().find(|step| step["step"] == "network").unwrap().clone(), said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_names_a_proxy_that_inspects_tls_and_says_who_can_mend_it() {
    let world = World::start(Options { tls: true, named: true, ..Options::default() }).await;
    let proxy = Proxy::inspecting("Acme Inspection CA", world.ca_pem().unwrap()).await.unwrap();
    let mut policy = world.policy_json();
    policy["ProxyMode"] = json!("fixed");
    policy["ProxyUrl"] = json!(proxy.url);
    let desk = Desk::start(&world, &policy);
    let (step, said) = network_step(&desk).await;
    let found = step["found"].as_str().unwrap();
    assert_eq!((step["outcome"].as_str(), said.code), (Some("failed"), 7), "{step:#}");
    assert!(found.contains(&format!("through the proxy {}, as Lanyard's policy says", proxy.url)), "{found}");
    assert!(found.contains("was issued by “CN=Acme Inspection CA”, whom this computer does not trust"), "{found}");
    assert!(step["who"].as_str().unwrap().contains("whoever runs the network"), "{step:#}");
    // Its name is theirs: doctor alone shows it, no fault that could reach a language model.
    assert!(!step["fault"].to_string().contains("Inspection"), "{step:#}");

    let ca = desk.path("inspection.pem");
    std::fs::write(&ca, proxy.inspects_by.as_ref().unwrap()).unwrap();
    policy["ExtraCaFile"] = json!(ca);
    desk.write_policy(&policy);
    assert_eq!(desk.say(&["policy", "reload"]).await.code, 0);
    desk.sign_in("ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    let (step, said) = network_step(&desk).await;
    let found = step["found"].as_str().unwrap();
    assert_eq!((step["outcome"].as_str(), said.code), (Some("warning"), 0), "{said:?}");
    assert!(found.contains("“CN=Acme Inspection CA”, and is trusted because of ExtraCaFile"), "{found}");
    assert!(found.contains("the proxy inspects TLS"), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tinyproxy_carries_the_calls_to_an_issuer_with_a_private_authority() {
    let (world, beyond, mut policy) = world().await;
    let mut desk = Desk::new(&world, &policy);
    let Some(tinyproxy) = Tinyproxy::start(&desk, &beyond, "").await else { return };
    policy["ProxyMode"] = json!("fixed");
    policy["ProxyUrl"] = json!(tinyproxy.url);
    assert!(policy["ExtraCaFile"].is_string(), "{policy:#}");
    desk.write_policy(&policy);
    desk.start_agent();
    desk.sign_in("ada").await;
    let said = desk.say(&["token", "linear"]).await;
    assert_eq!(said.code, 0, "{said:?}\n{}", tinyproxy.log());
    for address in [world.idp.issuer(), world.resource("track").issuer(), world.server("linear").url()] {
        let line = format!("CONNECT {} ", authority(&address));
        assert!(tinyproxy.log().contains(&line), "no {line}in {}", tinyproxy.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_wants_a_name_is_said_to_and_what_opens_it_is_never_shown() {
    let (world, beyond, policy) = world().await;
    let mut desk = Desk::new(&world, &policy);
    let Some(tinyproxy) = Tinyproxy::start(&desk, &beyond, "BasicAuth ada pr0xyw0rd\n").await else { return };
    desk.set("HTTPS_PROXY", &tinyproxy.url);
    desk.start_agent();
    let (step, said) = network_step(&desk).await;
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.stdout.contains("the proxy asks for a user name and a password"), "{step:#}");

    desk.stop_agent();
    desk.set("HTTPS_PROXY", &tinyproxy.url.replace("http://", "http://ada:pr0xyw0rd@"));
    desk.start_agent();
    desk.sign_in("ada").await;
    let (step, said) = network_step(&desk).await;
    assert_eq!(said.code, 0, "{said:?}");
    assert!(step["found"].as_str().unwrap().contains("as the environment of Lanyard's process says"), "{step:#}");
    let status = desk.status().await.to_string();
    for shown in [said.stdout, status, desk.agent_log()] {
        assert!(!shown.contains("pr0xyw0rd"), "{shown}");
    }
}
