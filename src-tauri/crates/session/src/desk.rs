//! The vault's own thread: keychains block, and one job at a time keeps what is sealed in order.

use std::sync::mpsc;

use tokio::sync::oneshot;

use crate::vault::{Fallback, Kind, Opened, Record, Vault, VaultFault};

/// What the thread owns: the vault, and the generation that a wipe ends.
pub(crate) struct Held {
    vault: Vault,
    generation: u64,
}

type Job = Box<dyn FnOnce(&mut Held) + Send>;

/// Sends jobs to the vault's thread. The thread ends when the last desk is dropped.
#[derive(Clone)]
pub(crate) struct Desk(mpsc::Sender<Job>);

/// What sealing came to.
pub(crate) enum Sealed {
    /// It is on disk (or in memory, where policy or the machine has no better place).
    Yes,
    /// The session that it belongs to has ended meanwhile; nothing was written.
    TooLate(Record),
    /// It could not be written; the vault keeps it in memory and tries again.
    InMemory(VaultFault),
}

impl Desk {
    pub(crate) fn new(vault: Vault) -> std::io::Result<Self> {
        let (sender, jobs) = mpsc::channel::<Job>();
        let mut held = Held { vault, generation: 0 };
        std::thread::Builder::new().name("vault".into()).spawn(move || {
            while let Ok(job) = jobs.recv() {
                job(&mut held);
            }
        })?;
        Ok(Self(sender))
    }

    pub(crate) fn open(&self, by_person: bool) -> impl Future<Output = Option<(Result<Opened, VaultFault>, Kind, u64)>> + use<> {
        self.run(move |held| (held.vault.open(by_person), held.vault.kind(), held.generation))
    }

    /// Seals for the session of `generation` only; without one, for a session that begins now.
    pub(crate) fn seal(&self, record: Record, generation: Option<u64>) -> impl Future<Output = Option<(Sealed, Kind)>> + use<> {
        self.run(move |held| {
            let sealed = match generation.is_none_or(|generation| held.generation == generation) {
                false => Sealed::TooLate(record),
                true => match held.vault.seal(record) {
                    Ok(()) => Sealed::Yes,
                    Err(fault) => Sealed::InMemory(fault),
                },
            };
            (sealed, held.vault.kind())
        })
    }

    /// Takes out what is sealed, if it opens, and removes it; nothing sealed for an earlier generation is written after this.
    pub(crate) fn wipe(&self) -> impl Future<Output = Option<(Option<Record>, Result<(), VaultFault>)>> + use<> {
        self.run(|held| {
            held.generation += 1;
            let record = match held.vault.open(false) {
                Ok(Opened::Session(record)) => Some(record),
                _ => None,
            };
            (record, held.vault.wipe())
        })
    }

    /// Writes what is only in memory, if anything is; returns whether it still is.
    pub(crate) fn is_pending(&self) -> impl Future<Output = Option<bool>> + use<> {
        self.run(|held| {
            let _ = held.vault.open(false);
            held.vault.is_pending()
        })
    }

    /// `VaultFallback`, for what is sealed from now on.
    pub(crate) fn set_fallback(&self, fallback: Fallback) {
        drop(self.run(move |held| held.vault.set_fallback(fallback)));
    }

    /// The job is in the queue when this returns: jobs happen in the order in which they were decided on.
    fn run<T, F>(&self, job: F) -> impl Future<Output = Option<T>> + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut Held) -> T + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |held| {
            let _ = reply.send(job(held));
        });
        let sent = self.0.send(job).is_ok();
        async move { if sent { answer.await.ok() } else { None } }
    }
}
