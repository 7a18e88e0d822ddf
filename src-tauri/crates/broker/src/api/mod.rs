//! The local interface, version 1: one router for both doors.
//!
//! A request meets, in this order: a browser's marks and the Host (LI-33), the path, the key, the method, policy.
//! Nothing is carried over from an earlier request of the connection but the kernel's word about its peer (LI-19).

pub mod body;
mod events;
mod guard;
mod open;
mod programs;
pub(crate) mod reply;
pub mod route;
mod servers;
mod session;
mod token;

use std::path::PathBuf;
use std::sync::Arc;

use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use jiff::Timestamp;
use tokio::sync::watch;
use wire::{AuditClient, AuditEvent, Code, Problem};

use crate::admission::{self, Door};
use crate::audit::Key;
use crate::gateway::{Hints, Room};
use crate::listener::Limits;
use crate::pairing::{self, Keys};
use crate::peer::{Executable, Peer};
use crate::used::Used;
use crate::{Agent, Audit, Rules, ServerTokens};
use reply::Body;
use route::{Miss, Route};
use session::SignIns;

pub(crate) use reply::turned_away;

/// What the router works with.
pub(crate) struct Api {
    pub(crate) agent: Arc<dyn Agent>,
    pub(crate) tokens: Arc<dyn ServerTokens>,
    pub(crate) audit: Audit,
    pub(crate) keys: Keys,
    pub(crate) used: Used,
    /// The executables of Lanyard's own faces.
    pub(crate) own: Vec<PathBuf>,
    pub(crate) sign_ins: SignIns,
    pub(crate) hints: Hints,
    pub(crate) room: Room,
    pub(crate) limits: Limits,
}

/// Who is at the other end of one connection.
pub(crate) struct Caller {
    pub(crate) door: Door,
    pub(crate) peer: Peer,
    /// The only `Host` that is right; any, where there is none.
    pub(crate) host: Option<String>,
    /// The program as audit and the list of programs name it.
    pub(crate) program: Option<Arc<str>>,
    /// Where Lanyard itself connects: the program that started it, if that is known.
    pub(crate) behind: Option<Option<Executable>>,
    /// Whether the door closes.
    pub(crate) stop: watch::Receiver<bool>,
}

/// Why a request is not answered as it wishes.
pub(crate) enum Fault {
    /// Ours, with more words about it.
    Own(Code, &'static str, Option<u64>),
    /// As the room to the left said it.
    Theirs(Box<Problem>),
}

/// One request on its way.
pub(crate) struct Visit<'a> {
    pub(crate) api: &'a Api,
    pub(crate) caller: &'a Caller,
    pub(crate) rules: Arc<Rules>,
    /// The program's path, or the name of the key that it showed.
    pub(crate) name: Option<Arc<str>>,
    /// Whether the caller may be a bridge, which stands for the program behind it.
    pub(crate) bridged: bool,
}

type Answer = Result<Response<Body>, Fault>;

impl Api {
    /// Answers one request.
    pub(crate) async fn answer(&self, caller: &Caller, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let mut visit = Visit { api: self, caller, rules: self.agent.rules(), name: caller.program.clone(), bridged: false };
        if let Some(why) = guard::refusal(&parts, caller.host.as_deref()) {
            visit.refused(why);
            return reply::empty(StatusCode::FORBIDDEN);
        }
        let route = match route::find(parts.uri.path(), caller.door) {
            Ok(route) => route,
            Err(Miss::Path) => return reply::empty(StatusCode::NOT_FOUND),
            Err(Miss::Version) => return visit.problem(Code::VersionUnsupported.into(), None),
        };
        if let (Route::Gateway(_), Some(behind)) = (&route, &caller.behind) {
            visit.bridged = true;
            visit.name = behind.as_ref().map(|program| program.path().to_string_lossy().into()).or(visit.name);
        }
        if caller.door == Door::Loopback {
            let shown = pairing::presented(&parts.headers);
            let Some(key) = shown.and_then(|key| self.keys.admit(key, Timestamp::now())) else {
                visit.refused("no key, or not one that this door knows");
                if let Route::Gateway(id) = route {
                    return visit.gateway(id, Some(Code::ClientNotAllowed.into()), &parts, body).await;
                }
                return visit.problem(Code::ClientNotAllowed.into(), None);
            };
            visit.name = caller.program.clone().or(Some(key));
        }
        if !route.methods().contains(&parts.method) {
            return reply::wrong_method(route.methods());
        }
        if let Route::Gateway(id) = route {
            return visit.gateway(id, None, &parts, body).await;
        }
        let server = route.server();
        match visit.go(&route, &parts, body).await {
            Ok(answer) => answer,
            Err(fault) => visit.problem(fault, server),
        }
    }

    /// An event about `caller`; what else there is to say is added by whoever records it.
    pub(crate) fn event(&self, name: &str, caller: &Caller, who: Option<&str>) -> AuditEvent {
        let client = AuditClient { program: who.map(str::to_owned), ..caller.peer.client() };
        AuditEvent {
            time: Timestamp::now(),
            event: name.to_owned(),
            account: self.agent.account(),
            client: Some(client),
            door: Some(caller.door.name().to_owned()),
            outcome: "allowed".to_owned(),
            ..AuditEvent::default()
        }
    }

    /// Records a caller that was refused; a caller that keeps knocking is counted.
    pub(crate) fn refused(&self, caller: &Caller, who: Option<Arc<str>>, why: &'static str) {
        let key = Key { event: "caller-refused", door: caller.door.name(), client: who.clone(), server: Some(why.to_owned()) };
        self.audit.repeated(key, || AuditEvent {
            outcome: "refused".to_owned(),
            fault: Some(Code::ClientNotAllowed),
            reason: Some(why.to_owned()),
            ..self.event("caller-refused", caller, who.as_deref())
        });
    }
}

impl Visit<'_> {
    async fn go(&self, route: &Route<'_>, parts: &Parts, body: Incoming) -> Answer {
        if !route.serves() {
            self.verb()?;
        }
        match *route {
            Route::Token(id) => self.token(id, parts, body).await,
            // It answers by itself, because its faults look different.
            Route::Gateway(_) => Err(Code::Internal.into()),
            Route::Servers => self.servers(parts, &body),
            Route::Retry(id) => self.retry(id, parts, body).await,
            Route::Status => self.status(parts, &body),
            Route::Events => self.events(parts, &body),
            Route::SignIn => self.sign_in(parts, body).await,
            Route::SignOut => self.sign_out(parts, body).await,
            Route::Pause => self.pause(true, parts, body).await,
            Route::Resume => self.pause(false, parts, body).await,
            Route::Policy => self.policy(parts, &body),
            Route::Reload => self.reload(parts, body).await,
            Route::Audit => self.audit(parts, &body),
            Route::Doctor(id) => self.doctor(id, parts, &body),
            Route::Diagnostics => self.diagnostics(parts, body).await,
            Route::Programs => self.programs(parts, body).await,
        }
    }

    fn verb(&self) -> Result<(), Fault> {
        let admitted = admission::verb(&self.rules, self.program(), &self.api.own);
        admitted.inspect_err(|_| self.refused("the program is not one that policy allows")).map_err(Fault::from)
    }

    /// The agent's answer, within the time that any request may take (LI-27).
    pub(crate) async fn within<T>(&self, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Fault> {
        let done = tokio::time::timeout(self.api.limits.work, work).await;
        done.map_err(|_| Fault::from(Code::Busy))?.map_err(Fault::from)
    }

    pub(crate) fn program(&self) -> Option<&Executable> {
        match &self.caller.behind {
            // A bridge is whoever started it: rules for programs must not end at Lanyard's own.
            Some(behind) if self.bridged => behind.as_ref(),
            _ => self.caller.peer.program.as_ref(),
        }
    }

    fn refused(&self, why: &'static str) {
        self.api.refused(self.caller, self.name.clone(), why);
    }

    /// An event about this request.
    pub(crate) fn event(&self, name: &str) -> AuditEvent {
        self.api.event(name, self.caller, self.name.as_deref())
    }

    fn problem(&self, fault: Fault, server: Option<&str>) -> Response<Body> {
        let problem = fault.problem(self.rules.contact(server));
        let mut answer = reply::problem(&problem);
        if self.caller.door == Door::Loopback && problem.code == Code::ClientNotAllowed {
            // The process behind this connection was looked for when it was made; a rule that came later needs a
            // fresh look, so that the next request comes on a new connection.
            answer.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        }
        answer
    }
}

impl Fault {
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Own(code, ..) => *code,
            Self::Theirs(problem) => problem.code,
        }
    }

    /// The problem as the caller gets it, with whom to ask.
    pub(crate) fn problem(self, contact: Option<&str>) -> Problem {
        match self {
            Self::Own(code, because, after) => code.problem(contact).because(because).after(after),
            Self::Theirs(mut problem) => {
                if let Some(contact) = contact.filter(|_| problem.contact == problem.code.row().ask) {
                    contact.clone_into(&mut problem.contact);
                }
                *problem
            }
        }
    }
}

impl From<Code> for Fault {
    fn from(code: Code) -> Self {
        Self::Own(code, "", None)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Theirs(Box::new(problem))
    }
}

impl From<body::BodyFault> for Fault {
    fn from(fault: body::BodyFault) -> Self {
        Self::Own(Code::BadRequest, fault.words(), None)
    }
}
