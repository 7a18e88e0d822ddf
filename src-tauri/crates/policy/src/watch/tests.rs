use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::timeout;

use super::*;
use crate::source::Roots;

const QUICK: Pace = Pace {
    settle: Duration::from_millis(40),
    at_most: Duration::from_millis(200),
    early: [Duration::from_secs(3000); 2],
    often: Duration::from_secs(3600),
    blind: Duration::from_secs(3600),
};

fn machine() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(folder.path().join("etc")).unwrap();
    folder
}

fn reader(machine: &TempDir) -> Reader {
    Reader::new(Roots::under(machine.path().to_owned()), None)
}

async fn until(latest: &mut watch::Receiver<Arc<Policy>>, budget: u32) -> Arc<Policy> {
    let wanted = latest.wait_for(|policy| policy.exchange.monthly_mint_budget == budget);
    let policy = timeout(Duration::from_secs(20), wanted).await;
    policy.unwrap_or_else(|_| panic!("budget {budget} never came")).unwrap().clone()
}

fn budget(machine: &TempDir, place: &str, value: u32) {
    fs::write(machine.path().join(place), format!("{{\"MonthlyMintBudget\":{value}}}")).unwrap();
}

#[tokio::test]
async fn files_and_folders_that_come_change_and_go_are_noticed() {
    let machine = machine();
    let (mut latest, _reloader) = follow_at(reader(&machine), QUICK);
    until(&mut latest, 250).await;

    fs::create_dir_all(machine.path().join("etc/lanyard/policy.d")).unwrap();
    budget(&machine, "etc/lanyard/policy.json", 1);
    until(&mut latest, 1).await;
    budget(&machine, "etc/lanyard/policy.d/10.json", 2);
    until(&mut latest, 2).await;

    budget(&machine, "etc/new", 3);
    fs::rename(machine.path().join("etc/new"), machine.path().join("etc/lanyard/policy.d/10.json")).unwrap();
    until(&mut latest, 3).await;

    fs::remove_dir_all(machine.path().join("etc/lanyard")).unwrap();
    until(&mut latest, 250).await;
    fs::create_dir_all(machine.path().join("etc/lanyard/policy.d")).unwrap();
    budget(&machine, "etc/lanyard/policy.d/10.json", 4);
    until(&mut latest, 4).await;
    fs::rename(machine.path().join("etc/lanyard"), machine.path().join("etc/old")).unwrap();
    until(&mut latest, 250).await;
}

#[tokio::test]
async fn a_mode_that_changes_is_noticed_and_shown() {
    let machine = machine();
    fs::create_dir(machine.path().join("etc/lanyard")).unwrap();
    budget(&machine, "etc/lanyard/policy.json", 1);
    let (mut latest, _reloader) = follow_at(reader(&machine), QUICK);
    assert!(latest.borrow().faults.is_empty());
    let file = machine.path().join("etc/lanyard/policy.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    let faulty = latest.wait_for(|policy| !policy.faults.is_empty());
    let policy = timeout(Duration::from_secs(20), faulty).await.unwrap().unwrap();
    assert_eq!(policy.exchange.monthly_mint_budget, 1);
}

#[tokio::test]
async fn a_named_file_is_followed_by_its_folder() {
    let machine = machine();
    let mine = machine.path().join("mine.json");
    budget(&machine, "mine.json", 1);
    let roots = Roots::under(machine.path().to_owned());
    let (mut latest, _reloader) = follow_at(Reader::new(roots, Some(mine.clone())), QUICK);
    until(&mut latest, 1).await;
    budget(&machine, "mine.new", 2);
    fs::rename(machine.path().join("mine.new"), &mine).unwrap();
    assert!(!until(&mut latest, 2).await.managed);
    fs::create_dir(machine.path().join("etc/lanyard")).unwrap();
    budget(&machine, "etc/lanyard/policy.json", 3);
    assert!(until(&mut latest, 3).await.managed);
}

#[tokio::test]
async fn a_reload_reads_at_once_and_an_unchanged_policy_is_not_handed_on() {
    let machine = machine();
    fs::create_dir(machine.path().join("etc/lanyard")).unwrap();
    let slow = Pace { settle: Duration::from_secs(600), at_most: Duration::from_secs(600), ..QUICK };
    let (mut latest, reloader) = follow_at(reader(&machine), slow);
    latest.mark_unchanged();
    assert_eq!(reloader.reload().await.exchange.monthly_mint_budget, 250);
    assert!(!latest.has_changed().unwrap());
    budget(&machine, "etc/lanyard/policy.json", 7);
    assert_eq!(reloader.reload().await.exchange.monthly_mint_budget, 7);
    assert!(latest.has_changed().unwrap());
}

#[tokio::test]
async fn what_no_watch_can_see_is_found_by_reading_again_early() {
    let machine = machine();
    for place in ["etc/lanyard/policy.d", "usr/lib/lanyard/policy.d"] {
        fs::create_dir_all(machine.path().join(place)).unwrap();
    }
    budget(&machine, "etc/lanyard/policy.json", 1);
    let early = [Duration::from_millis(100), Duration::from_millis(200)];
    let (mut latest, _reloader) = follow_at(reader(&machine), Pace { early, ..QUICK });
    assert!(latest.borrow().faults.is_empty());
    fs::set_permissions(machine.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let faulty = latest.wait_for(|policy| !policy.faults.is_empty());
    timeout(Duration::from_secs(20), faulty).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_driver_ends_with_its_last_listener() {
    let machine = machine();
    let (latest, reloader) = follow_at(reader(&machine), QUICK);
    drop(latest);
    let asking = reloader.ask.clone();
    assert_eq!(reloader.reload().await.exchange.monthly_mint_budget, 250);
    drop(reloader);
    timeout(Duration::from_secs(20), asking.closed()).await.unwrap();
}
