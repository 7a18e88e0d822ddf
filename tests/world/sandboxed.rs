//! Programs in a file system of their own, as Flatpak makes one.

use std::path::Path;
use std::process::{Command, Stdio};

use sandbox::desk::{binary, skipped};
use sandbox::program::{Said, said};
use sandbox::{Desk, Options, World};
use serde_json::json;

const APPLICATION: &str = "org.example.Editor";

/// Runs `lanyard` inside a root of its own that says it is `application`; the desk is where it is outside.
async fn inside(desk: &Desk, application: &str, arguments: &[&str]) -> Said {
    let root = desk.path("flatpak");
    let words = arguments.join(" ");
    let script = format!(
        "mkdir -p {root} && mount -t tmpfs tmpfs {root} && cd {root} && mkdir -p app usr tmp proc dev && \
         mount --bind /usr usr && for f in bin lib lib64; do ln -s usr/$f $f; done && mount --rbind /proc proc && \
         mkdir -p .{desk} && mount --bind {desk} .{desk} && cp {lanyard} app/lanyard && \
         printf '[Application]\\nname={application}\\n' > .flatpak-info && exec chroot . /app/lanyard {words}",
        root = root.display(),
        desk = desk.path("").display().to_string().trim_end_matches('/'),
        lanyard = binary("lanyard").display(),
    );
    let mut command: Command = desk.other(Path::new("unshare"), &["--mount", "sh", "-euc", &script]);
    command.stdin(Stdio::null());
    tokio::task::spawn_blocking(move || said(&mut command)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_in_a_flatpak_is_known_by_its_application_and_by_no_path() {
    if Command::new("id").arg("-u").output().unwrap().stdout != b"0\n" {
        return skipped("only root may mount");
    }
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    let desk = Desk::signed_in(&world, &policy, "ada").await;
    assert_eq!(inside(&desk, APPLICATION, &["token", "linear"]).await.code, 0, "without lists everybody is served");
    let events = std::fs::read_to_string(desk.path("state/lanyard/audit.jsonl")).unwrap();
    assert!(events.contains(&format!("\"program\":\"flatpak:{APPLICATION}\"")), "{events}");

    policy["AllowedPrograms"] = json!([format!("flatpak:{APPLICATION}")]);
    desk.write_policy(&policy);
    assert_eq!(desk.say(&["policy", "reload"]).await.code, 0);
    assert_eq!(inside(&desk, APPLICATION, &["token", "linear"]).await.code, 0);
    for (application, refused) in [("org.example.Other", "another application"), ("org.example.Editor x", "no application")] {
        let said = inside(&desk, application, &["token", "linear"]).await;
        assert_eq!(said.code, 7, "{refused}: {said:?}");
    }
    assert_eq!(desk.say(&["token", "linear"]).await.code, 7, "a program outside");

    // A path inside is none outside: it never counts as the program that has this path here.
    policy["AllowedPrograms"] = json!(["/app/**", "/usr/**"]);
    desk.write_policy(&policy);
    assert_eq!(desk.say(&["policy", "reload"]).await.code, 0);
    assert_eq!(inside(&desk, APPLICATION, &["token", "linear"]).await.code, 7);
}
