//! Which clients are here.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wire::FoundClient;

use super::place::Surroundings;
use super::{CLIENTS, Client, file};

/// How long a client may take to say its version.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks for every client.
pub(crate) fn look(around: &Surroundings) -> Vec<FoundClient> {
    CLIENTS.iter().map(|client| one(client, around)).collect()
}

fn one(client: &'static Client, around: &Surroundings) -> FoundClient {
    let program = client.programs.iter().find_map(|name| around.program(name, Path::is_file));
    let path = around.file(client.place);
    let text = path.as_deref().map(file::read);
    let (text, fault) = match text {
        Some(Ok(text)) => (text, None),
        Some(Err(fault)) => (None, Some(fault.to_string())),
        None => (None, None),
    };
    let entries = text.as_deref().map(|text| client.format.entries(text, client.container));
    let (entries, fault) = match entries {
        Some(Ok(entries)) => (entries, fault),
        Some(Err(why)) => (Default::default(), Some(why)),
        None => (Default::default(), fault),
    };
    let ours = entries.iter().filter(|(name, entry)| Client::is_ours(entry, name)).map(|(name, _)| name.clone());
    let folder =
        path.as_deref().and_then(Path::parent).is_some_and(|folder| Some(folder) != around.home.as_deref() && folder.is_dir());
    FoundClient {
        name: client.name.to_owned(),
        title: client.title.to_owned(),
        installed: program.is_some() || folder || text.is_some(),
        version: program.as_deref().and_then(version),
        file: path.map(|path| path.display().to_string()),
        servers: ours.collect(),
        fault,
        door: client.doors[0].name().to_owned(),
    }
}

/// What a program says of its version, if it says it soon.
fn version(program: &Path) -> Option<String> {
    let mut command = Command::new(program);
    let mut child = command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let began = Instant::now();
    while matches!(child.try_wait(), Ok(None)) && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(10));
    }
    let ended = matches!(child.try_wait(), Ok(Some(_)));
    let _killed = child.kill();
    let _reaped = child.wait();
    if !ended {
        return None;
    }
    let mut said = String::new();
    child.stdout.take()?.take(1024).read_to_string(&mut said).ok()?;
    let word = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))?;
    Some(word.trim_end_matches([',', ')']).to_owned())
}
