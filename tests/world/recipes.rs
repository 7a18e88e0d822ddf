//! What fleet tools run (`packaging/`), tried: the scripts by their shells, the role by Ansible, the queries by SQLite. What
//! PowerShell would do is judged by its grammar alone, because PowerShell is not to be had here.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox::desk::{binary, skipped};
use sandbox::program::{Said, said};
use sandbox::{Desk, Options, World};
use serde_json::{Value, json};

fn packaging(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging").join(file).canonicalize().unwrap()
}

/// Ansible and the parser of PowerShell.
fn tools() -> Option<PathBuf> {
    let tools = std::env::var_os("LANYARD_RECIPES").map(PathBuf::from);
    if tools.is_none() {
        skipped("LANYARD_RECIPES names no folder with Ansible");
    }
    tools
}

fn root() -> bool {
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if !root {
        skipped("only root may mount");
    }
    root
}

/// A folder of programs that stands first in the search path.
fn programs(desk: &Desk, scripts: &[(&str, &str)]) -> String {
    let folder = desk.path("programs");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in scripts {
        fs::write(folder.join(name), format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let _ = symlink(binary("lanyard"), folder.join("lanyard"));
    format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", folder.display())
}

/// Runs a script in a mount namespace of its own, off the runtime.
async fn apart(desk: &Desk, path: &str, script: String) -> Said {
    let mut command = desk.other(Path::new("unshare"), &["--mount", "sh", "-euc", &script]);
    command.env("PATH", path).env_remove("XDG_RUNTIME_DIR");
    tokio::task::spawn_blocking(move || said(&mut command)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_compliance_script_for_linux_says_how_policy_and_people_fare() {
    if !root() {
        return;
    }
    let world = World::start(Options::default()).await;
    let mut desk = Desk::new(&world, &json!({}));
    let mut policy = world.policy_json();
    let file = desk.path("root/etc/lanyard/policy.json");
    let deploy = |policy: &Value| fs::write(&file, policy.to_string()).unwrap();
    deploy(&policy);
    let path = programs(&desk, &[]);
    // root's own runtime folder is the desk's.
    let script = format!(
        "mount -t tmpfs tmpfs /run/user && mkdir /run/user/0 && mount --bind {} /run/user/0 && exec sh {}",
        desk.path("run").display(),
        packaging("intune/compliance.sh").display()
    );
    fs::create_dir_all("/run/user").unwrap();
    let run = async |desk: &Desk| -> Value {
        let said = apart(desk, &path, script.clone()).await;
        assert_eq!(said.code, 0, "{said:?}");
        serde_json::from_str(&said.stdout).unwrap()
    };
    let expected = |managed: bool, faults: i32, unhealthy: i32| {
        json!({
            "LanyardInstalled": true, "LanyardManaged": managed, "LanyardPolicyFaults": faults,
            "LanyardUnhealthyPeople": unhealthy,
        })
    };
    desk.start_agent_with(&["run"]);
    assert_eq!(run(&desk).await, expected(true, 0, 1), "nobody is signed in");
    desk.sign_in("ada").await;
    assert_eq!(run(&desk).await, expected(true, 0, 0));
    policy["TokenDoor"] = json!("yes");
    policy["LoopbackPort"] = json!(7);
    deploy(&policy);
    assert_eq!(desk.say(&["policy", "reload"]).await.code, 0);
    assert_eq!(run(&desk).await, expected(true, 2, 0));
    desk.stop_agent();
    let _ = fs::remove_file(desk.socket());
    fs::remove_file(&file).unwrap();
    assert_eq!(run(&desk).await, expected(false, 0, 0), "no policy and no agent");

    let without = run_without(&desk, &script).await;
    assert_eq!(without["LanyardInstalled"], false);

    // The rules are about exactly what the scripts print.
    for system in ["windows", "linux"] {
        let rules: Value =
            serde_json::from_slice(&fs::read(packaging(&format!("intune/compliance-{system}.json"))).unwrap()).unwrap();
        let names: Vec<_> = rules["Rules"].as_array().unwrap().iter().map(|rule| rule["SettingName"].as_str().unwrap()).collect();
        assert_eq!(names, without.as_object().unwrap().keys().collect::<Vec<_>>());
    }
    let windows = fs::read_to_string(packaging("intune/compliance.ps1")).unwrap();
    assert!(without.as_object().unwrap().keys().all(|name| windows.contains(&format!("{name} = "))), "{windows}");
}

async fn run_without(desk: &Desk, script: &str) -> Value {
    let said = apart(desk, "/usr/sbin:/usr/bin:/sbin:/bin", script.to_owned()).await;
    serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{said:?}"))
}

#[test]
fn the_extension_attribute_for_jamf_says_each_health_in_words() {
    let desk = Desk::with_browser(sandbox::Browser::new(None), &json!({}));
    let run = |person: &str, exit: i32, program: &str| {
        let stubs: [(&str, &str); 4] = [
            ("stat", &format!("echo {person}")),
            ("id", "echo 501"),
            ("launchctl", r#"[ "$1 $2" = "asuser 501" ] || exit 99; shift 2; exec "$@""#),
            ("sudo", &format!(r#"[ "$1 $2 $3" = "-H -u {person}" ] || exit 98; exit {exit}"#)),
        ];
        let path = programs(&desk, &stubs);
        let mut command = Command::new("sh");
        command.arg(packaging("jamf/extension-attribute.sh")).env("PATH", path).env("LANYARD", program);
        said(&mut command).stdout
    };
    let result = |text: &str| format!("<result>{text}</result>\n");
    let table = [
        (0, "active"),
        (3, "no usable policy"),
        (4, "waiting for the network"),
        (5, "sign-in needed"),
        (6, "not running"),
        (8, "vault closed"),
        (1, "unknown"),
    ];
    for (exit, words) in table {
        assert_eq!(run("ada", exit, "/bin/true"), result(words));
    }
    assert_eq!(run("loginwindow", 0, "/bin/true"), result("nobody is logged in"));
    assert_eq!(run("ada", 0, "/nowhere/lanyard"), result("not installed"));
}

#[test]
fn scripts_for_windows_are_powershell() {
    let Some(tools) = tools() else { return };
    let judge = |files: &[PathBuf]| {
        let mut command = Command::new(tools.join("bin/python"));
        said(command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes/powershell.py")).args(files))
    };
    let good = judge(&[packaging("intune/detect.ps1"), packaging("intune/compliance.ps1")]);
    assert_eq!((good.code, good.stdout.as_str()), (0, ""), "{good:?}");
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.ps1");
    fs::write(&broken, "if ($x) { exit 1\n").unwrap();
    assert_eq!(judge(&[broken]).code, 1);
}

#[test]
fn queries_for_osquery_are_sql_over_its_tables() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes/osquery.py");
    let mut command = Command::new("python3");
    let said = said(command.arg(script).arg(packaging("osquery/lanyard.conf")));
    assert_eq!((said.code, said.stdout.trim()), (0, "6"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_for_ansible_deploys_a_policy_once_and_never_a_faulty_one() {
    let Some(tools) = tools() else { return };
    if !root() {
        return;
    }
    let desk = Desk::with_browser(sandbox::Browser::new(None), &json!({}));
    let path = programs(&desk, &[]);
    let example = fs::read_to_string(packaging("ansible/example.yml")).unwrap();
    let play = |text: &str| fs::write(desk.path("play.yml"), text).unwrap();
    let ansible = format!(
        "ANSIBLE_ROLES_PATH={} ANSIBLE_LOCALHOST_WARNING=0 {} -i workstations, -c local -e ansible_python_interpreter=/usr/bin/python3 \
         -e '{{\"lanyard_autostart\": false}}' {}",
        packaging("ansible/roles").display(),
        tools.join("bin/ansible-playbook").display(),
        desk.path("play.yml").display()
    );
    let apart = async |script: String| {
        // What is deployed stays in this namespace: its `/etc` is a copy.
        let own = "mount -t tmpfs tmpfs /mnt && cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc && mkdir -p /etc/lanyard";
        apart(&desk, &path, format!("{own} && {script}")).await
    };
    play(&example.replace("hosts: workstations", "hosts: all"));
    let twice = apart(format!(
        "{ansible} && {ansible} && lanyard policy check /etc/lanyard/policy.json && stat -c %a:%U /etc/lanyard/policy.json"
    ))
    .await;
    assert_eq!(twice.code, 0, "{twice:?}");
    assert!(twice.stdout.contains("changed=1") && twice.stdout.contains("changed=0"), "{}", twice.stdout);
    assert!(twice.stdout.ends_with("644:root\n"), "{}", twice.stdout);

    play(&example.replace("hosts: workstations", "hosts: all").replace("Issuer:", "Isuer:"));
    let faulty = apart(format!("echo before > /etc/lanyard/policy.json; ! {ansible} && cat /etc/lanyard/policy.json")).await;
    assert_eq!(faulty.code, 0, "{faulty:?}");
    assert!(faulty.stdout.ends_with("before\n"), "{}", faulty.stdout);
}
