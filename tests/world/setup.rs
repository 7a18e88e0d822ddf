//! `lanyard setup <client>`: the files of real clients, in a home folder of their own.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use sandbox::{AtDoor, Desk, Options, Said, World};
use serde_json::{Value, json};

const CLIENTS: [(&str, &str); 12] = [
    ("vscode", ".config/Code/User/mcp.json"),
    ("claude-code", ".claude.json"),
    ("claude-desktop", ".config/Claude/claude_desktop_config.json"),
    ("codex", ".codex/config.toml"),
    ("cursor", ".cursor/mcp.json"),
    ("gemini", ".gemini/settings.json"),
    ("windsurf", ".codeium/windsurf/mcp_config.json"),
    ("goose", ".config/goose/config.yaml"),
    ("opencode", ".config/opencode/opencode.json"),
    ("jetbrains", ".junie/mcp/mcp.json"),
    ("zed", ".config/zed/settings.json"),
    ("copilot-cli", ".copilot/mcp-config.json"),
];

async fn desk() -> (World, Desk) {
    let world = World::start(Options::default()).await;
    let desk = Desk::start(&world, &world.policy_json());
    (world, desk)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_is_set_up_once_and_undone_byte_for_byte() {
    let (_world, desk) = desk().await;
    for (client, place) in CLIENTS {
        let file = desk.path("home").join(place);
        let said = desk.say(&["setup", client]).await;
        assert_eq!(said.code, 0, "{client}: {said:?}");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("linear") && text.contains("connect"), "{client}: {text}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "{client}: open to others");
        let again: Value = serde_json::from_str(&desk.say(&["setup", client, "--json"]).await.stdout).unwrap();
        assert_eq!((again["changed"].as_bool(), fs::read_to_string(&file).unwrap()), (Some(false), text), "{client}");
        assert_eq!(desk.say(&["setup", client, "--remove"]).await.code, 0);
        assert!(!file.exists(), "{client}: there was no file before");
    }
    let listed = desk.say(&["setup"]).await;
    assert!(CLIENTS.iter().all(|(client, _)| listed.stdout.contains(client)), "{listed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_wrote_stays_and_comes_back_exactly() {
    let (_world, desk) = desk().await;
    let file = desk.path("home/.cursor/mcp.json");
    let real = desk.path("home/dotfiles.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let before = "{\n\t// mine\n\t\"mcpServers\": { \"mine\": {\"url\": \"https://mine.example/mcp\"} }, // end\n}\n";
    fs::write(&real, before).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, &file).unwrap();
    assert_eq!(desk.say(&["setup", "cursor", "--server", "linear"]).await.code, 0);
    assert_eq!(desk.say(&["setup", "cursor", "--server", "wiki"]).await.code, 0);
    let text = fs::read_to_string(&real).unwrap();
    assert!(["// mine", "// end", "mine.example", "linear", "wiki"].iter().all(|part| text.contains(part)), "{text}");
    assert!(
        fs::symlink_metadata(&file).unwrap().is_symlink() && fs::metadata(&real).unwrap().permissions().mode() & 0o777 == 0o640
    );
    assert_eq!(desk.say(&["setup", "cursor", "--remove"]).await.code, 0);
    assert_eq!(fs::read_to_string(&real).unwrap(), before);

    // Edited meanwhile: only our entries go.
    assert_eq!(desk.say(&["setup", "cursor"]).await.code, 0);
    let edited = fs::read_to_string(&real).unwrap().replace("// mine", "// mine, and new");
    fs::write(&real, &edited).unwrap();
    assert_eq!(desk.say(&["setup", "cursor", "--remove"]).await.code, 0);
    let after = fs::read_to_string(&real).unwrap();
    assert!(after.contains("mine, and new") && after.contains("mine.example") && !after.contains("connect"), "{after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_of_others_and_broken_files_are_left_alone() {
    let (world, desk) = desk().await;
    let file = desk.path("home/.cursor/mcp.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let url = world.server("linear").url();
    let refused = [
        ("{ broken", "broken"),
        (r#"{"mcpServers": {"linear": {"command": "npx", "args": ["x"]}}}"#, "did not write"),
        (&format!(r#"{{"mcpServers": {{"mine": {{"url": "{url}"}}}}}}"#), "same server"),
    ];
    for (text, why) in refused {
        fs::write(&file, text).unwrap();
        let said = desk.say(&["setup", "cursor", "--server", "linear"]).await;
        assert_eq!(said.code, 1, "{said:?}");
        assert!(why == "broken" || said.stderr.contains(why), "{said:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    let said = desk.say(&["setup", "cursor", "--server", "linear", "--force"]).await;
    assert_eq!(said.code, 0, "{said:?}");
    let after: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert!(after["mcpServers"]["mine"].is_null() && after["mcpServers"]["linear"]["args"][1] == "linear", "{after}");
    for wrong in [&["setup", "emacs"][..], &["setup", "zed", "--door", "socket"], &["setup", "goose", "--managed"]] {
        assert_eq!(desk.say(wrong).await.code, 2, "{wrong:?}");
    }
    assert_eq!(desk.say(&["setup", "zed", "--server", "nothing"]).await.code, 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_at_a_terminal_is_asked_before_an_entry_of_others_goes() {
    let (world, desk) = desk().await;
    let file = desk.path("home/.cursor/mcp.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let rival = json!({"mcpServers": {"mine": {"url": world.server("linear").url()}}}).to_string();
    fs::write(&file, &rival).unwrap();
    let answered = async |answer: &str| {
        let lanyard = sandbox::desk::binary("lanyard");
        // Gives the program a terminal.
        let line = format!("{} setup cursor --server linear", lanyard.display());
        let mut command = desk.other("script".as_ref(), &["--quiet", "--return", "--command", &line, "/dev/null"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.as_mut().unwrap(), "{answer}").unwrap();
        tokio::task::spawn_blocking(move || Said::from(child.wait_with_output().unwrap())).await.unwrap()
    };
    for (answer, code) in [("n", 1), ("", 1), ("perhaps", 1), ("y", 0)] {
        let said = answered(answer).await;
        assert!(said.code == code && said.stdout.contains("[y/N]") && said.stdout.contains("entry mine"), "{answer}: {said:?}");
        assert_eq!(fs::read_to_string(&file).unwrap() == rival, code == 1, "{answer}");
    }
    let after: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert!(after["mcpServers"]["mine"].is_null() && after["mcpServers"]["linear"]["args"][1] == "linear", "{after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_made_once_works_and_goes_with_its_client() {
    let (_world, desk) = desk().await;
    desk.sign_in("ada").await;
    let set = ["setup", "opencode", "--door", "loopback"];
    assert_eq!(desk.say(&set).await.code, 0);
    let file = desk.path("home/.config/opencode/opencode.json");
    let text = fs::read_to_string(&file).unwrap();
    let config: Value = serde_json::from_str(&text).unwrap();
    let entry = &config["mcp"]["linear"];
    assert_eq!(entry["oauth"], json!(false));
    let key = entry["headers"]["Lanyard-Key"].as_str().unwrap();
    let door = AtDoor::loopback(&desk, "other").await.unwrap().with_key(Some(key));
    assert!(entry["url"].as_str().unwrap().starts_with(door.address().0));
    assert!(door.begin("linear").await.is_ok());
    assert_eq!(desk.say(&set).await.code, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "no second key");
    assert!(desk.say(&["setup", "--list-keys"]).await.stdout.contains("setup opencode"));
    assert_eq!(desk.say(&["setup", "opencode", "--remove"]).await.code, 0);
    let listed: Value = serde_json::from_str(&desk.say(&["setup", "--list-keys", "--json"]).await.stdout).unwrap();
    let has_key = |program: &Value| program["name"] == "setup opencode" && program["has_key"] == true;
    assert!(!listed["programs"].as_array().unwrap().iter().any(has_key), "{listed}");
    assert_eq!(door.begin("linear").await.unwrap_err().fault(), "client-not-allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_shown_is_not_written_and_folders_are_honoured() {
    let (_world, mut desk) = desk().await;
    let home = desk.path("home");
    for words in [
        &["setup", "codex", "--print"][..],
        &["setup", "claude-code", "--managed"],
        &["setup", "vscode", "--managed"],
        &["setup", "claude-desktop", "--managed"],
    ] {
        let said = desk.say(words).await;
        assert!(said.code == 0 && said.stdout.contains("linear"), "{said:?}");
    }
    assert!(!home.join(".codex").exists() && !home.join(".claude.json").exists());
    for (name, below) in [("CODEX_HOME", "cx"), ("CLAUDE_CONFIG_DIR", "cc"), ("XDG_CONFIG_HOME", "xdg")] {
        desk.set(name, &desk.path(below).display().to_string());
    }
    for (client, place) in [("codex", "cx/config.toml"), ("claude-code", "cc/.claude.json"), ("zed", "xdg/zed/settings.json")] {
        assert_eq!(desk.say(&["setup", client]).await.code, 0);
        assert!(desk.path(place).exists(), "{client}");
    }
    // Clients start programs without XDG_RUNTIME_DIR, and this socket is not where they would look then.
    assert!(fs::read_to_string(desk.path("cx/config.toml")).unwrap().contains("--socket"));
}
