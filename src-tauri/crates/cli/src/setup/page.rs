//! The page about clients, for people.

use std::path::Path;

use super::door::{Door, Wanted};
use super::os::Os;
use super::place::Surroundings;
use super::{CLIENTS, Client};

const HEAD: &str = "\
<!-- Written by `cargo xtask generate` from the table that `lanyard setup` works by. -->

# MCP clients

`lanyard setup` lists the clients that are here; `lanyard setup <client>` writes one entry for each server of policy into
the client's own file, keeps everything else as it is, and `--remove` takes it away again. `--server ID` sets up single
servers, `--print` shows instead of writing, `--managed` shows what an administrator would deploy.

Four doors lead to a server. The **bridge** is a program that the client starts: it waits for a sign-in, survives
restarts, and needs no key. The **socket** and the **loopback** door are addresses; the loopback door wants a key, which
then stands in the client's file. The **helper** prints a token for a client that asks a program for its headers; the
client then calls the server itself, so containment (`tools`, `readOnly`, `programs`) closes this way.

A client that starts programs without the `XDG_*` variables finds the agent's usual socket by itself; an unusual one is
named in the entry.
";

/// The page.
pub(crate) fn page() -> String {
    CLIENTS.iter().map(section).fold(HEAD.to_owned(), |page, section| page + "\n" + &section)
}

fn section(client: &Client) -> String {
    let place = |os: Os, home: &str| {
        let variables =
            if os == Os::Windows { [("APPDATA".to_owned(), "%APPDATA%".to_owned())].into() } else { Default::default() };
        let around = Surroundings { os, home: Some(home.into()), variables };
        let file = around.file(client.place).map(|file| file.display().to_string()).unwrap_or_default();
        if os == Os::Windows { file.replace('/', "\\") } else { file }
    };
    let doors: Vec<&str> = client.doors.iter().map(|door| door.name()).collect();
    let mut text = format!(
        "## {}\n\n`lanyard setup {}`. Doors: {}.\n\n- Linux: `{}`\n- macOS: `{}`\n- Windows: `{}`\n",
        client.title,
        client.name,
        doors.join(", "),
        place(Os::Linux, "~"),
        place(Os::Macos, "~"),
        place(Os::Windows, "%USERPROFILE%"),
    );
    let wanted = Wanted {
        id: "linear",
        url: "https://mcp.linear.app/mcp",
        program: Path::new("/usr/bin/lanyard"),
        socket: None,
        usual_socket: Path::new("/run/user/1000/lanyard/lanyard.sock"),
        loopback: Some(("http://127.0.0.1:61234", "lyk_...")),
    };
    for door in client.doors {
        let entry = [("linear".to_owned(), (client.entry)(*door, &wanted))];
        let example = client.format.alone(client.container, &entry).unwrap_or_default();
        text += &format!("\n{}:\n\n```{}\n{}\n```\n", sentence(*door), client.format.name(), example.trim_end());
    }
    if !client.note.is_empty() {
        text += &format!("\n{}\n", client.note);
    }
    text
}

fn sentence(door: Door) -> &'static str {
    match door {
        Door::Bridge => "By the bridge",
        Door::Socket => "By the socket",
        Door::Loopback => "By the loopback door",
        Door::Helper => "By the helper",
    }
}
