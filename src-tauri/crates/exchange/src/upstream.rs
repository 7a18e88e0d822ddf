//! The one door to the session.

use std::any::Any;
use std::pin::Pin;

use jiff::Timestamp;
use session::{Report, Session, SessionError, Subject, SubjectKind};

/// A boxed future of a trait that is used as an object.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A guard: what it stands for lasts until it is dropped.
pub type Hold = Box<dyn Any + Send + Sync>;

/// What the exchange needs of its left neighbour.
pub trait SubjectTokens: Send + Sync + 'static {
    /// The proof for one exchange; `fresh` after the one before was refused.
    fn subject(&self, kind: SubjectKind, fresh: bool) -> Doing<'_, Result<Subject, SessionError>>;
    /// Whether tokens of this epoch may be served, this instant.
    fn serves(&self, epoch: u64) -> bool;
    /// The current epoch, whether or not it serves, and the count of sign-ins.
    fn epoch(&self) -> (u64, u64);
    /// Counts tokens as in use until the guard is dropped.
    fn hold(&self) -> Hold;
    /// Notes that a token was served.
    fn touch(&self, now: Timestamp);
    /// Tells what was learnt about the session.
    fn report(&self, epoch: u64, report: Report) -> Doing<'_, ()>;
}

impl SubjectTokens for Session {
    fn subject(&self, kind: SubjectKind, fresh: bool) -> Doing<'_, Result<Subject, SessionError>> {
        Box::pin(Session::subject(self, kind, fresh))
    }

    fn serves(&self, epoch: u64) -> bool {
        Session::serves(self, epoch)
    }

    fn epoch(&self) -> (u64, u64) {
        let follow = self.follow();
        let snapshot = follow.borrow();
        (snapshot.epoch, snapshot.sign_ins)
    }

    fn hold(&self) -> Hold {
        Box::new(Session::hold(self))
    }

    fn touch(&self, now: Timestamp) {
        Session::touch(self, now);
    }

    fn report(&self, epoch: u64, report: Report) -> Doing<'_, ()> {
        Box::pin(Session::report(self, epoch, report))
    }
}
