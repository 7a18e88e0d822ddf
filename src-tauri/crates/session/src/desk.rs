//! The vault's own thread: keychains block, and one job at a time keeps what is sealed in order.

use std::sync::mpsc;

use tokio::sync::oneshot;

use crate::vault::{Opened, Record, Vault, VaultFault};

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

    pub(crate) async fn open(&self, by_person: bool) -> Option<(Result<Opened, VaultFault>, crate::vault::Kind, u64)> {
        self.run(move |held| (held.vault.open(by_person), held.vault.kind(), held.generation)).await
    }

    /// Seals for the session of `generation` only.
    pub(crate) async fn seal(&self, record: Record, generation: u64) -> Option<(Sealed, crate::vault::Kind)> {
        self.run(move |held| {
            let sealed = match held.generation == generation {
                false => Sealed::TooLate(record),
                true => match held.vault.seal(record) {
                    Ok(()) => Sealed::Yes,
                    Err(fault) => Sealed::InMemory(fault),
                },
            };
            (sealed, held.vault.kind())
        })
        .await
    }

    /// Takes out what is sealed, if it opens, and removes it; nothing sealed for an earlier generation is written after this.
    pub(crate) async fn wipe(&self) -> Option<(Option<Record>, Result<(), VaultFault>)> {
        self.run(|held| {
            held.generation += 1;
            let record = match held.vault.open(false) {
                Ok(Opened::Session(record)) => Some(record),
                _ => None,
            };
            (record, held.vault.wipe())
        })
        .await
    }

    /// The generation of what is sealed from now on.
    pub(crate) async fn generation(&self) -> Option<u64> {
        self.run(|held| held.generation).await
    }

    /// Writes what is only in memory, if anything is; returns whether it still is.
    pub(crate) async fn is_pending(&self) -> Option<bool> {
        self.run(|held| {
            let _ = held.vault.open(false);
            held.vault.is_pending()
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce(&mut Held) -> T + Send + 'static) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |held| {
            let _ = reply.send(job(held));
        });
        self.0.send(job).ok()?;
        answer.await.ok()
    }
}
