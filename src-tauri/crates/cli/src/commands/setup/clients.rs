//! `lanyard setup` and `lanyard setup <client>`.

use std::io::{self, BufRead, IsTerminal, Read};
use std::path::{Path, PathBuf};

use anstyle::Style;
use serde::Serialize;
use serde_json::{Value, json};
use wire::client::ClientError;
use wire::place::Environment;
use wire::{Clients, Code, LoopbackKey, Programs, ServerEntry, Servers, SetUp, Status};

use crate::call::Call;
use crate::failure::Failure;
use crate::output::{DIM, TITLE, plain};
use crate::setup::{CLIENTS, Client, Door, Fault, Job, Surroundings, Wanted, look, managed, remove, write};
use crate::table::Table;
use crate::verbs::Setup;

/// Stands for a key where none is made.
const NO_KEY: &str = "lyk_made-by-lanyard-setup";

/// What was done to a client's file, and what only one of the verbs has to tell.
#[derive(Serialize)]
struct Done {
    #[serde(flatten)]
    what: SetUp,
    #[serde(flatten)]
    more: Value,
}

impl Done {
    fn of(job: &Job<'_>, changed: bool, more: Value) -> Self {
        Self { what: SetUp { client: job.client.name.to_owned(), file: job.file.clone(), changed }, more }
    }
}

/// The clients that are here, and how each is set up.
pub(super) fn list(call: &Call) -> Result<u8, Failure> {
    let found = Clients { clients: look(&Surroundings::current()) };
    call.output.answer(&found, || {
        let mut table = Table::default();
        table.row([(TITLE, "Client"), (TITLE, "Here"), (TITLE, "Version"), (TITLE, "Set up"), (TITLE, "Best door")]);
        for client in &found.clients {
            let servers = match (&client.fault, client.servers.is_empty()) {
                (Some(_), _) => "file cannot be read".to_owned(),
                (None, true) => "no".to_owned(),
                (None, false) => client.servers.join(", "),
            };
            let version = client.version.as_deref().unwrap_or("-");
            let here = if client.installed { "yes" } else { "no" };
            table.row([(Style::new(), &client.name), (DIM, here), (DIM, version), (Style::new(), &servers), (DIM, &client.door)]);
        }
        format!("{}\nSet one up with `lanyard setup <client>`.", table.text(0))
    })?;
    Ok(0)
}

/// One client.
pub(super) fn one(name: &str, setup: &Setup, call: &Call) -> Result<u8, Failure> {
    let client = Client::named(name).ok_or_else(|| {
        let known: Vec<&str> = CLIENTS.iter().map(|client| client.name).collect();
        Fault::Unknown(name.to_owned(), known.join(", "))
    })?;
    let around = Surroundings::current();
    let file = around.file(client.place).ok_or(Fault::Nowhere(client.title))?;
    let records = Environment::current().state_folder().ok_or(Fault::Nowhere("Lanyard"))?.join("setup.json");
    let mut job = Job { client, file, records: &records, force: setup.force };
    if setup.remove {
        return undo(&job, call);
    }
    let door = setup.door.unwrap_or(client.doors[0]);
    if !client.doors.contains(&door) {
        let doors: Vec<&str> = client.doors.iter().map(|door| door.name()).collect();
        return Err(Fault::Door(client.title, door.name(), doors.join(", ")).into());
    }
    let servers = servers(&setup.server, call)?;
    if !(setup.print || setup.managed) {
        job.force |= agreed(&job, &servers, call)?;
    }
    let kept = kept_key(&job, &servers)?;
    let makes_key = door == Door::Loopback && kept.is_none() && !setup.print && !setup.managed;
    let base = if door == Door::Loopback { Some(loopback(call)?) } else { None };
    let (key, made) = match (kept, makes_key) {
        (Some(key), _) => (key, None),
        (None, true) => {
            let name = format!("setup {}", client.name);
            (make_key(&name, call)?, Some(name))
        }
        (None, false) => (NO_KEY.to_owned(), None),
    };
    let socket = call.socket()?;
    let usual = wire::place::socket();
    let named = call.named.is_some() || !is_plain(&socket);
    let program = program();
    let wanted: Vec<Wanted<'_>> = servers
        .iter()
        .map(|server| Wanted {
            id: &server.id,
            url: &server.url,
            program: &program,
            socket: named.then_some(socket.as_path()),
            usual_socket: usual.as_deref().unwrap_or(&socket),
            loopback: base.as_deref().map(|base| (base, key.as_str())),
        })
        .collect();
    if setup.managed {
        return show_managed(client, door, &wanted, call);
    }
    let entries: Vec<(String, Value)> = wanted.iter().map(|one| (one.id.to_owned(), (client.entry)(door, one))).collect();
    if setup.print {
        let text = client.format.alone(client.container, &entries).unwrap_or_default();
        let document = json!({"file": job.file, "text": text});
        call.output.answer(&document, || format!("{}:\n{text}", job.file.display()))?;
        return Ok(0);
    }
    let done = write(&job, &servers, &entries, made.as_deref());
    if done.is_err()
        && let Some(name) = &made
    {
        // A key that stands in no file opens nothing.
        drop_key(name, call);
    }
    let done = done?;
    let ids: Vec<&str> = servers.iter().map(|server| server.id.as_str()).collect();
    let more = json!({"servers": ids, "door": door.name(), "backup": done.backup});
    call.output.answer(&Done::of(&job, done.changed, more), || {
        let what = if done.changed { "is set up" } else { "was set up already" };
        let mut text =
            format!("{} {what} for {} ({} door): {}", client.title, plain(&ids.join(", ")), door.name(), job.file.display());
        if let Some(backup) = done.backup.as_ref().filter(|_| done.changed) {
            text.push_str(&format!("\nThe text before is kept in {}.", backup.display()));
        }
        if done.changed && !client.note.is_empty() {
            text.push_str(&format!("\n{}", client.note));
        }
        text
    })?;
    Ok(0)
}

/// Whether the person at the terminal lets the entries go that are in the way.
fn agreed(job: &Job<'_>, servers: &[ServerEntry], call: &Call) -> Result<bool, Failure> {
    let others = job.in_the_way(servers)?;
    if others.is_empty() || job.force || call.output.is_json() || !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(false);
    }
    for other in &others {
        call.output.note(&other.question(&job.file));
    }
    anstream::eprint!("Replace what stands there? The text before is kept beside it. [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().take(64).read_line(&mut answer).map_err(Failure::Output)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn undo(job: &Job<'_>, call: &Call) -> Result<u8, Failure> {
    let done = remove(job)?;
    done.keys.iter().for_each(|name| drop_key(name, call));
    let more = json!({"removed_keys": done.keys});
    call.output.answer(&Done::of(job, done.changed, more), || match done.changed {
        true => format!("What Lanyard wrote is gone from {}.", job.file.display()),
        false => format!("Nothing of Lanyard's stands in {}.", job.file.display()),
    })?;
    Ok(0)
}

fn show_managed(client: &'static Client, door: Door, wanted: &[Wanted<'_>], call: &Call) -> Result<u8, Failure> {
    let texts = managed(client, door, Surroundings::current().os, wanted)?;
    let document: Vec<Value> = texts.iter().map(|(place, text)| json!({"place": place, "text": text})).collect();
    call.output.answer(&json!({ "managed": document }), || {
        let parts: Vec<String> = texts.iter().map(|(place, text)| format!("{place}:\n{}", text.trim_end())).collect();
        parts.join("\n\n")
    })?;
    Ok(0)
}

/// The servers of policy that were named, or all.
fn servers(named: &[String], call: &Call) -> Result<Vec<ServerEntry>, Failure> {
    let Servers { servers } = call.started(false, |client| client.get("/v1/servers"))?;
    if let Some(unknown) = named.iter().find(|name| servers.iter().all(|server| server.id != **name)) {
        return Err(Code::ServerUnknown.problem(None).because(&format!("Policy has no server {}.", plain(unknown))).into());
    }
    if servers.is_empty() {
        return Err(Code::ServerUnknown.problem(None).because("Policy lists no server that this program may use.").into());
    }
    Ok(servers.into_iter().filter(|server| named.is_empty() || named.contains(&server.id)).collect())
}

/// The key that an earlier run wrote, where the door still knows it: a second run makes no other.
fn kept_key(job: &Job<'_>, servers: &[ServerEntry]) -> Result<Option<String>, Failure> {
    let entries = job.entries()?;
    let ours = servers.iter().filter_map(|server| entries.get(&server.id).filter(|entry| Client::is_ours(entry, &server.id)));
    let keys = ours.filter_map(|entry| ["headers", "http_headers"].iter().find_map(|name| entry[*name]["Lanyard-Key"].as_str()));
    Ok(keys.map(str::to_owned).next())
}

fn loopback(call: &Call) -> Result<String, Failure> {
    let status: Status = call.client()?.get("/v1/status")?;
    status.doors.loopback.ok_or_else(|| Code::DoorClosed.problem(None).because("The loopback door is not open.").into())
}

fn make_key(name: &str, call: &Call) -> Result<String, Failure> {
    let known: Programs = call.client()?.get(super::ROUTE)?;
    if known.programs.iter().any(|program| program.has_key && program.name == name) {
        // Nobody knows the text of the old one any more.
        drop_key(name, call);
    }
    let body = serde_json::to_vec(&json!({ "name": name })).map_err(|_| ClientError::Answer)?;
    let answer = call.client()?.answer("POST", super::ROUTE, &body)?;
    Ok(answer.json::<LoopbackKey>()?.key.expose().to_owned())
}

/// An agent that is away keeps the key; `--list-keys` still shows it.
fn drop_key(name: &str, call: &Call) {
    let body = serde_json::to_vec(&json!({ "name": name })).unwrap_or_default();
    let dropped = call.client().and_then(|client| client.answer("DELETE", super::ROUTE, &body));
    if dropped.is_err() {
        call.output.note(&format!("The key {} could not be removed; `lanyard setup --remove-key` does it later.", plain(name)));
    }
}

/// This program by the path that stays right over updates.
fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("lanyard"))
}

/// Whether a program that clients start without the `XDG_*` variables, as many do, finds this socket too.
fn is_plain(socket: &Path) -> bool {
    let here = Environment::current();
    let bare = Environment { runtime: None, state: None, ..here };
    bare.socket(Path::exists).is_some_and(|usual| usual == socket)
}
