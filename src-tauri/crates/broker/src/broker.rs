use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use wire::{DoorStatus, User};

use crate::api::Api;
use crate::gateway::{Hints, Room};
use crate::listener::{Hall, Limits, Socket, StartError, keep, raise_descriptor_limit};
use crate::pairing::Keys;
use crate::peer::{Processes, System};
use crate::used::Used;
use crate::{Agent, Audit, ServerTokens};

const KEYS: &str = "keys.json";

/// Where and what the broker serves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The socket, in a folder that is made when it is not there and is this user's alone; on Windows the pipe.
    pub socket: PathBuf,
    /// The folder of `keys.json` and `loopback.json`; it exists.
    pub state_folder: PathBuf,
    /// The loopback door: closed, a port, or 0 for the one that was picked once for this user.
    pub loopback: Option<u16>,
    /// How much and how long.
    pub limits: Limits,
}

/// The doors as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doors {
    /// The ways in.
    pub status: DoorStatus,
    /// Why one is not open, in sentences for an administrator.
    pub problems: Vec<String>,
}

/// The open doors of one user. Dropping it closes them; [`Broker::shutdown`] also says goodbye.
pub struct Broker {
    socket: Socket,
    hall: Arc<Hall>,
    api: Arc<Api>,
    wanted: watch::Sender<Option<u16>>,
    doors: watch::Receiver<Doors>,
    stop: watch::Sender<bool>,
    tasks: [JoinHandle<()>; 2],
}

impl Broker {
    /// Opens the doors. It must run within a tokio runtime.
    pub fn start(config: Config, agent: Arc<dyn Agent>, tokens: Arc<dyn ServerTokens>, audit: Audit) -> Result<Self, StartError> {
        raise_descriptor_limit();
        let (socket, listener) = Socket::listen(&config.socket)?;
        let mut problems = Vec::new();
        let keys = config.state_folder.join(KEYS);
        let keys = Keys::open(&keys).unwrap_or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "no key opens the loopback door");
            problems.push(error.to_string());
            // LI-27: keys that cannot be read open nothing.
            Keys::none(&keys)
        });
        let limits = config.limits;
        let own = faces();
        let used = Used::of(&audit.since(0).0);
        let api = Api {
            agent,
            tokens,
            audit,
            keys,
            used,
            own,
            sign_ins: Default::default(),
            hints: Hints::default(),
            room: Room::default(),
            limits,
        };
        let api = Arc::new(api);
        let hall = Arc::new(Hall::new(api.clone(), User::current().map_err(StartError::User)?, limits));

        let (stop, stopping) = watch::channel(false);
        let (wanted, wanting) = watch::channel(config.loopback);
        let status = DoorStatus { socket: Some(socket.path.clone()), loopback: None };
        let (said, doors) = watch::channel(Doors { status, problems: problems.clone() });
        let (tried, mut first) = watch::channel(false);
        let report = move |loopback: Option<String>, problem: Option<String>| {
            said.send_if_modified(|doors| {
                let status = DoorStatus { loopback, ..doors.status.clone() };
                let new = Doors { status, problems: problems.iter().cloned().chain(problem).collect() };
                let changed = *doors != new;
                *doors = new;
                changed
            });
            tried.send_replace(true);
        };
        let tasks = [
            tokio::spawn({
                let (hall, stopping) = (hall.clone(), stopping.clone());
                async move {
                    // Who is served by the socket may ask for the other door at once: it is open by then, or known not to be.
                    drop(first.wait_for(|tried| *tried).await);
                    hall.socket(listener, stopping).await;
                }
            }),
            tokio::spawn(keep(hall.clone(), config.state_folder, wanting, stopping, report)),
        ];
        Ok(Self { socket, hall, api, wanted, doors, stop, tasks })
    }

    /// The doors as they are.
    pub fn doors(&self) -> Doors {
        self.doors.borrow().clone()
    }

    /// The doors as they become.
    pub fn watch_doors(&self) -> watch::Receiver<Doors> {
        self.doors.clone()
    }

    /// Opens, moves or closes the loopback door; connections of a door that closes end.
    pub fn set_loopback(&self, wanted: Option<u16>) {
        self.wanted.send_if_modified(|now| std::mem::replace(now, wanted) != wanted);
    }

    /// Closes the doors: no new connection, requests under way get a moment, streams end. Then the socket is gone,
    /// and what audit has counted is written.
    pub async fn shutdown(self) {
        self.socket.remove();
        let _listeners = self.stop.send(true);
        self.tasks[0].abort();
        self.hall.empty().await;
        let api = self.api.clone();
        drop(self);
        let _written = tokio::task::spawn_blocking(move || {
            if let Err(error) = api.keys.save() {
                tracing::warn!(error = &error as &dyn std::error::Error, "when keys were last used was not kept");
            }
            api.audit.flush();
        })
        .await;
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.socket.remove();
        let _listeners = self.stop.send(true);
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// The executables of Lanyard's own faces: this one, and those beside it.
fn faces() -> Vec<PathBuf> {
    // As the system names callers: macOS tells a program the path that it was started by, which may lead through links.
    let own = System.executable(std::process::id()).or_else(|| std::env::current_exe().ok());
    let Some(own) = own else { return Vec::new() };
    let beside = ["lanyard", "lanyard-tray"].map(|name| own.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX)));
    std::iter::once(own).chain(beside).collect()
}
