//! Sleep, screen lock and busy folders, with real signals on a real bus.

use std::time::Duration;

use sandbox::{Desk, Fault, Leg, Logind, Options, Times, World};
use serde_json::{Value, json};

/// A desk whose screen can be locked; its agent is yet to start.
struct Seat {
    world: World,
    policy: Value,
    desk: Desk,
    logind: Logind,
}

impl Seat {
    /// With this `OnScreenLock`; none where the machine lacks something.
    async fn new(on_screen_lock: &str) -> Option<Self> {
        let world = World::start(Options::default()).await;
        let mut policy = world.policy_json();
        policy["OnScreenLock"] = json!(on_screen_lock);
        let mut desk = Desk::new(&world, &policy);
        let logind = Logind::start(&mut desk).await.unwrap()?;
        Some(Self { world, policy, desk, logind })
    }
}

fn locked(locked: bool) -> impl Fn(&Value) -> bool {
    move |status| status["agent"]["screen_locked"] == locked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_wakes_tries_again_at_once() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["VaultFallback"] = json!("machine-key-file");
    let mut desk = Desk::new(&world, &policy);
    let Some(logind) = Logind::start(&mut desk).await.unwrap() else { return };
    desk.start_agent();
    desk.sign_in("ada").await;
    desk.kill_agent();
    world.faults().set(Leg::IdpRefresh, Fault::Throttled { retry_after: Some(3_600) }, Times::Always);
    desk.start_agent();
    desk.until("waiting", |status| status["session"]["state"] == "waiting" && status["session"]["fault"].is_object()).await;
    world.faults().clear();
    until!(logind.resume(), desk.status().await["session"]["state"] == "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policy_that_changed_without_a_sign_is_read_when_the_machine_wakes() {
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    let mut desk = Desk::new(&world, &policy);
    let Some(logind) = Logind::start(&mut desk).await.unwrap() else { return };
    desk.start_agent();
    let started = std::time::Instant::now();
    rename_unseen(&desk, &mut policy, "Renamed");
    until!(logind.resume(), is_named("Renamed")(&desk.status().await));
    // Later the agent would have read it without any reason.
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_screen_pauses_serving_where_policy_says_so() {
    let Some(Seat { world, mut desk, logind, .. }) = Seat::new("pause-serving").await else { return };
    desk.start_agent();
    desk.sign_in("ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    until!(logind.screen(true), desk.say(&["token", "linear"]).await.code == 7);
    let refused = desk.say(&["token", "linear", "--json"]).await;
    assert!(refused.stdout.contains("door-closed"), "{refused:?}");
    until!(logind.screen(false), desk.say(&["token", "linear"]).await.code == 0);
    assert_eq!(world.idp.count("token_exchange"), 1, "the token was kept");

    // Another user's screen, and a terminal without one, are no reason to pause. What is said after them is heard after them.
    logind.lock_all(100).await.unwrap();
    logind.screen_of_another(true).await.unwrap();
    logind.hint(true, true).await.unwrap();
    desk.until("locked", locked(true)).await;
    logind.hint(false, true).await.unwrap();
    desk.until("unlocked", locked(false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_logind_says_that_the_screen_is_locked() {
    let Some(Seat { world: _world, mut policy, mut desk, logind }) = Seat::new("pause-serving").await else { return };
    desk.start_agent();
    until!(logind.hint(true, true), locked(true)(&desk.status().await));
    logind.forged(false).await.unwrap();
    heard_so_far(&mut desk, &logind, &mut policy).await;
    assert!(locked(true)(&desk.status().await), "another program unlocked it");
    logind.hint(false, true).await.unwrap();
    desk.until("unlocked", locked(false)).await;
    logind.forged(true).await.unwrap();
    heard_so_far(&mut desk, &logind, &mut policy).await;
    assert!(locked(false)(&desk.status().await), "another program locked it");
}

/// Waits until the agent has heard everything that was said: what wakes the machine comes after it, and has policy read again.
async fn heard_so_far(desk: &mut Desk, logind: &Logind, policy: &mut Value) {
    let title = format!("{}x", policy["Servers"]["linear"]["title"].as_str().unwrap_or("Linear"));
    rename_unseen(desk, policy, &title);
    logind.resume().await.unwrap();
    desk.until("read again", is_named(&title)).await;
}

/// Gives a server another title without a sign: by another name of the same file, in a folder that nobody watches.
fn rename_unseen(desk: &Desk, policy: &mut Value, title: &str) {
    let unwatched = desk.path("home/policy.json");
    if !unwatched.exists() {
        std::fs::hard_link(desk.policy_file(), &unwatched).unwrap();
    }
    policy["Servers"]["linear"]["title"] = json!(title);
    std::fs::write(&unwatched, policy.to_string()).unwrap();
}

fn is_named(title: &str) -> impl Fn(&Value) -> bool {
    move |status| status["servers"].as_array().unwrap().iter().any(|server| server["title"] == title)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screen_that_a_desktop_locks_by_itself_pauses_serving_until_it_says_otherwise() {
    let Some(Seat { world: _world, mut policy, mut desk, logind }) = Seat::new("pause-serving").await else { return };
    logind.hint(true, false).await.unwrap();
    desk.start_agent();
    desk.until("locked before it started", locked(true)).await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 7);
    logind.hint(false, true).await.unwrap();
    desk.until("unlocked", locked(false)).await;

    // Policy that comes while the screen is locked holds at once.
    policy["OnScreenLock"] = json!("keep");
    desk.write_policy(&policy);
    assert_eq!(desk.say(&["policy", "reload"]).await.code, 0);
    logind.hint(true, true).await.unwrap();
    policy["OnScreenLock"] = json!("pause-serving");
    desk.write_policy(&policy);
    assert_eq!(desk.say(&["policy", "reload"]).await.code, 0);
    desk.until("locked by policy", locked(true)).await;
    // A session that ended while it was locked holds nobody.
    logind.end().await.unwrap();
    desk.until("its session ended", locked(false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_that_comes_back_is_followed_again() {
    let Some(Seat { world: _world, mut desk, logind, .. }) = Seat::new("pause-serving").await else { return };
    desk.start_agent();
    until!(logind.hint(true, true), locked(true)(&desk.status().await));
    drop(logind);
    let Some(logind) = Logind::start(&mut desk).await.unwrap() else { return };
    // How things are is asked for anew.
    desk.until("unlocked meanwhile", locked(false)).await;
    logind.hint(true, true).await.unwrap();
    desk.until("locked again", locked(true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_screen_wipes_the_cache_where_policy_says_so_and_keeps_it_otherwise() {
    let Some(Seat { world, mut policy, mut desk, logind }) = Seat::new("wipe-cache").await else { return };
    desk.start_agent();
    desk.sign_in("ada").await;
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    let idle = |status: &Value| status["servers"].as_array().unwrap().iter().all(|server| server["state"] != "ready");
    until!(logind.screen(true), idle(&desk.status().await));
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    assert_eq!(world.idp.count("token_exchange"), 2, "a fresh exchange");

    policy["OnScreenLock"] = json!("keep");
    desk.write_policy(&policy);
    assert_eq!(desk.say(&["policy", "reload"]).await.code, 0);
    logind.screen(true).await.unwrap();
    logind.screen(false).await.unwrap();
    assert_eq!(desk.say(&["token", "linear"]).await.code, 0);
    assert_eq!(world.idp.count("token_exchange"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_opening_files_above_a_missing_policy_folder_do_not_wake_the_agent() {
    let world = World::start(Options::default()).await;
    let mut desk = Desk::new(&world, &world.policy_json());
    std::fs::remove_dir(desk.path("root/etc/lanyard")).unwrap();
    std::fs::write(desk.path("root/etc/hosts"), "").unwrap();
    desk.start_agent();
    let pid = desk.agent_pid().unwrap();
    let before = wakes(pid);
    for _ in 0..1_000 {
        std::fs::read(desk.path("root/etc/hosts")).unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let woken = wakes(pid) - before;
    assert!(woken < 200, "{woken} wake-ups for 1,000 openings");
    // And it still sees the folder come.
    std::fs::create_dir(desk.path("root/etc/lanyard")).unwrap();
    std::fs::write(desk.path("root/etc/lanyard/policy.json"), world.policy_json().to_string()).unwrap();
    desk.until("managed", |status| status["policy"]["managed"] == true).await;
}

/// How often the threads of a process went to sleep by themselves so far.
fn wakes(pid: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let count = |status: String| {
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap_or("0").to_owned();
        line.trim().parse::<u64>().unwrap_or(0)
    };
    tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("status")).ok()).map(count).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_leaves_no_core_dump() {
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", desk.agent_pid().unwrap())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(line.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{line}");
}
