//! Who is asking? The kernel's word about the user decides; what is known about the process informs, and carries
//! how sure it is (LI-11).

#[cfg(target_os = "linux")]
mod application;
#[cfg(any(target_os = "macos", test))]
mod audit_token;
mod executable;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "linux")]
pub mod owner;
#[cfg(any(target_os = "macos", test))]
mod socket_info;
#[cfg(windows)]
mod windows;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wire::{AuditClient, User};

#[cfg(test)]
pub(crate) use executable::tests::{published, signed};
pub use executable::{Code, Executable};
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "linux")]
pub use linux::started;
#[cfg(target_os = "macos")]
use macos as platform;
pub(crate) use platform::{System, UNKNOWN_MAY, of_loopback, of_socket};
#[cfg(windows)]
use windows as platform;

/// How sure the evidence about a process is, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Nothing is known.
    None,
    /// A number that another process may carry by now.
    Pid,
    /// A number, and the same start time before and after looking.
    StartTime,
    /// A handle that no other process can take over.
    HeldHandle,
}

impl Strength {
    /// As audit writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pid => "pid",
            Self::StartTime => "start-time",
            Self::HeldHandle => "held-handle",
        }
    }
}

/// What can be learned about processes; the operating system, or a test.
pub trait Processes: Send + Sync {
    /// When the process started, in the system's own ticks.
    fn started(&self, pid: u32) -> Option<u64>;
    /// The process that started it, while that one is still there.
    fn parent(&self, pid: u32) -> Option<u32>;
    /// Whether a process has this number.
    fn exists(&self, pid: u32) -> bool;
    /// The executable, when its path names the very same file in this agent's view of the file system.
    fn executable(&self, pid: u32) -> Option<PathBuf>;
    /// The application that the process belongs to, where the system has such; asked for where the path tells no more.
    fn application(&self, _pid: u32, _executable: Option<&Path>) -> Option<String> {
        None
    }
    /// What can say who signed the program, where the system knows.
    fn code(&self, _pid: u32) -> Option<Arc<dyn Code>> {
        None
    }
}

/// A handle of one process, for as long as it is kept.
pub trait Handle: Send + Sync {
    /// Whether the process still runs.
    fn is_alive(&self) -> bool;
    /// What can say who signed the program, where the system knows.
    fn code(&self) -> Option<Arc<dyn Code>> {
        None
    }
}

enum Proof {
    Nothing,
    Held(Box<dyn Handle>),
    Started { pid: u32, at: u64 },
    Number(u32),
}

/// The other end of one connection, as it was when it connected.
pub struct Peer {
    /// The user, where the kernel says.
    pub user: Option<User>,
    /// The process.
    pub pid: Option<u32>,
    /// Its executable, where that is beyond doubt.
    pub program: Option<Executable>,
    /// How sure the two are.
    pub strength: Strength,
    proof: Proof,
}

impl Peer {
    /// A peer of whom no process is known.
    pub fn user(user: Option<User>) -> Self {
        Self { user, pid: None, program: None, strength: Strength::None, proof: Proof::Nothing }
    }

    /// A peer with what can be learned about its process. The evidence counts only when the same process is still
    /// there after it was gathered (LI-13).
    pub fn gather(user: Option<User>, pid: Option<u32>, handle: Option<Box<dyn Handle>>, processes: &dyn Processes) -> Self {
        let Some(pid) = pid else { return Self::user(user) };
        let before = if handle.is_none() { processes.started(pid) } else { None };
        let code = handle.as_ref().and_then(|handle| handle.code());
        let program = program(pid, code, processes);
        let (strength, proof) = match (handle, before) {
            (Some(handle), _) => (Strength::HeldHandle, Proof::Held(handle)),
            (None, Some(at)) => (Strength::StartTime, Proof::Started { pid, at }),
            (None, None) => (Strength::Pid, Proof::Number(pid)),
        };
        let peer = Self { user, pid: Some(pid), program, strength, proof };
        match peer.is_there(processes) {
            true => peer,
            // It is the wrong process by now, or none: nothing about it may count, and nothing is served to it.
            false => Self { program: None, strength: Strength::None, ..peer },
        }
    }

    /// The executable behind this process: of the one that started it. A parent that is younger than its child took
    /// over the number of one that is gone, and one that is not there any more is nobody.
    pub fn behind(&self, processes: &dyn Processes) -> Option<Executable> {
        let pid = self.pid?;
        let parent = processes.parent(pid)?;
        let (began, at) = (processes.started(parent)?, processes.started(pid)?);
        let program = program(parent, processes.code(parent), processes)?;
        let same = processes.parent(pid) == Some(parent) && processes.started(parent) == Some(began);
        (same && began <= at && self.is_there(processes)).then_some(program)
    }

    /// Whether the process that connected is still there (LI-13). Where no process is known the user alone decided.
    pub fn is_there(&self, processes: &dyn Processes) -> bool {
        match &self.proof {
            Proof::Nothing => true,
            Proof::Held(handle) => handle.is_alive(),
            Proof::Started { pid, at } => processes.started(*pid) == Some(*at),
            Proof::Number(pid) => processes.exists(*pid),
        }
    }

    /// The same peer with evidence that counts for no more than `most`.
    pub fn at_most(mut self, most: Strength) -> Self {
        self.strength = self.strength.min(most);
        self
    }

    /// As audit shows it.
    pub fn client(&self) -> AuditClient {
        let (uid, sid) = match &self.user {
            Some(User::Id(uid)) => (Some(*uid), None),
            Some(User::Sid(sid)) => (None, Some(sid.clone())),
            None => (None, None),
        };
        AuditClient {
            program: self.program.as_ref().map(|program| shown(program.path())),
            pid: self.pid,
            uid,
            sid,
            evidence: self.strength.name().to_owned(),
        }
    }
}

/// The program of a process. One whose path means nothing here is named by its application, which is no path.
fn program(pid: u32, code: Option<Arc<dyn Code>>, processes: &dyn Processes) -> Option<Executable> {
    let path = processes.executable(pid);
    let application = processes.application(pid, path.as_deref());
    let path = path.or_else(|| application.clone().map(PathBuf::from))?;
    Some(Executable::new(path, code).within(application))
}

/// A path as text without control characters: whoever made the file chose its name.
fn shown(path: &Path) -> String {
    path.to_string_lossy().chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Start times as they are read one after the other; the last one stays.
    struct Injected(Mutex<Vec<Option<u64>>>, AtomicU64);

    impl Injected {
        fn new(starts: &[Option<u64>]) -> Self {
            Self(Mutex::new(starts.iter().rev().copied().collect()), AtomicU64::new(0))
        }
    }

    impl Processes for Injected {
        fn started(&self, _: u32) -> Option<u64> {
            self.1.fetch_add(1, SeqCst);
            let mut left = self.0.lock().unwrap();
            if left.len() > 1 { left.pop().unwrap() } else { left[0] }
        }

        fn parent(&self, _: u32) -> Option<u32> {
            None
        }

        fn exists(&self, _: u32) -> bool {
            true
        }

        fn executable(&self, _: u32) -> Option<PathBuf> {
            Some("/usr/bin/claude".into())
        }
    }

    struct Switch(Arc<AtomicBool>);

    impl Handle for Switch {
        fn is_alive(&self) -> bool {
            self.0.load(SeqCst)
        }
    }

    #[test]
    fn a_number_that_changed_hands_while_looking_is_no_evidence() {
        let processes = Injected::new(&[Some(7), Some(8)]);
        let peer = Peer::gather(Some(User::Id(1000)), Some(42), None, &processes);
        assert_eq!((peer.program.is_none(), peer.strength), (true, Strength::None));
        assert!(!peer.is_there(&processes), "nothing may be served to it either");
    }

    #[test]
    fn a_number_that_changed_hands_later_is_noticed_before_a_token_is_sent() {
        let processes = Injected::new(&[Some(7), Some(7), Some(9)]);
        let peer = Peer::gather(Some(User::Id(1000)), Some(42), None, &processes);
        assert_eq!(peer.strength, Strength::StartTime);
        assert!(peer.program.is_some());
        assert!(!peer.is_there(&processes));
    }

    #[test]
    fn a_held_handle_is_the_strongest_and_dies_with_its_process() {
        let processes = Injected::new(&[Some(7)]);
        let alive = Arc::new(AtomicBool::new(true));
        let peer = Peer::gather(Some(User::Id(1000)), Some(42), Some(Box::new(Switch(alive.clone()))), &processes);
        assert_eq!(peer.strength, Strength::HeldHandle);
        assert!(peer.is_there(&processes));
        alive.store(false, SeqCst);
        assert!(!peer.is_there(&processes));
        let late = Peer::gather(Some(User::Id(1000)), Some(42), Some(Box::new(Switch(alive))), &processes);
        assert_eq!((late.program.is_none(), late.strength), (true, Strength::None));
    }

    #[test]
    fn evidence_is_written_without_control_characters() {
        let peer = Peer { program: Some("/tmp/a\nMESSAGE=b".into()), ..Peer::user(Some(User::Id(1))) };
        assert_eq!(peer.client().program.unwrap(), "/tmp/a\u{fffd}MESSAGE=b");
        assert!(Strength::None < Strength::Pid && Strength::StartTime < Strength::HeldHandle);
    }
}
