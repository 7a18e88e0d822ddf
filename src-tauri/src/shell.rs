//! The tray process: hosts the agent, shows what it says, and sends verbs. It decides nothing.

mod clipboard;
mod following;
mod hosting;
mod instance;
mod opening;
mod verbs;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use wire::place::Environment;
use wire::{Problem, Status};

use crate::arguments::{Opening, Page, Reason, Starter};
use crate::notices::{self, Failed, Notices, Said, Why};
use crate::panel::{self, Panel};
use crate::tray::{Choice, Model, Rules};
use crate::words::{self, Words};
use crate::{display, language, refused};
use hosting::Host;
use instance::{Instance, NotTheOne};

/// How long the first answer of the agent may take before the icon is shown without it.
const FIRST_ANSWER: Duration = Duration::from_millis(300);

/// How long a desktop that starts may take to show icons, before the window says that it does not.
const TRAY_LIMIT: Duration = Duration::from_secs(6);

/// What happens around the shell.
#[derive(Debug)]
pub(crate) enum Event {
    /// What the agent says, and what policy lets people do where that is new; nothing where it is away.
    Status(Option<Box<Status>>, Option<Rules>),
    /// A person chose something; with a token of the desktop, where it gave one, that lets a window come to the front.
    Chosen(Choice, Option<String>),
    /// The agent in this process did not start; with why, unless another one serves this user.
    Refused(Option<Box<Problem>>),
    /// Whether anybody shows the icon.
    Tray(bool),
    /// A verb that a person chose came to nothing.
    Failed(Failed),
    /// The diagnostics are in the clipboard.
    Copied,
    /// The system, or the agent in this process, ends.
    Stop,
}

/// How long a tray that is ending may take, where the system starts one at log-on.
const ENDING: Duration = Duration::from_secs(15);

/// Runs until it is told to end; returns the exit code.
pub(crate) fn run(starter: Starter) -> u8 {
    let Some(state) = Environment::current().state_folder() else {
        return refused("there is no folder for the state of programs (XDG_STATE_HOME, HOME)");
    };
    let patience = if starter == Starter::System { ENDING } else { Duration::ZERO };
    let instance = match Instance::take(&state, patience) {
        Ok(instance) => instance,
        Err(NotTheOne::Running) if starter == Starter::System => return 0,
        // The icon is there already; who starts it once more wants to see something.
        Err(NotTheOne::Running) => return opening::window(Opening::default(), None).map_or(1, |()| 0),
        Err(error @ NotTheOne::Io(_)) => {
            let why = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            return refused(&format!("{error}{why} ({})", state.join(instance::LOCK).display()));
        }
    };
    let (events, happened) = channel();
    panel::play(events.clone(), move |panel| {
        agent::autostart::repair();
        let host = Host::start(events.clone());
        following::start(events.clone(), host.nudge());
        verbs::heed_signals(events.clone());
        let shell = Shell::new(panel, events, state, starter);
        shell.live(&happened);
        // Its icon is gone: whoever starts Lanyard from now on gets a new one, whose agent comes after this one.
        drop(instance);
        host.stop();
        0
    })
}

struct Shell {
    panel: Panel,
    events: Sender<Event>,
    state: PathBuf,
    begun: Instant,
    words: &'static Words,
    status: Option<Box<Status>>,
    rules: Rules,
    /// Why there is no agent.
    refused: Option<Box<Problem>>,
    shown: Option<Model>,
    notices: Notices,
    poster: notices::Poster,
    /// When the icon must be shown, at the latest.
    first: Option<Instant>,
    /// When the window says that there is no tray; nothing where there is one, or it was said.
    no_tray: Option<Instant>,
    /// Whether a person started this, and does not know yet how things are.
    expectant: bool,
}

impl Shell {
    fn new(panel: Panel, events: Sender<Event>, state: PathBuf, starter: Starter) -> Self {
        let now = Instant::now();
        Self {
            poster: notices::Poster::new(events.clone()),
            panel,
            events,
            state,
            begun: now,
            words: words::in_language(language::of_system().as_deref()),
            status: None,
            rules: Rules::default(),
            refused: None,
            shown: None,
            notices: Notices::default(),
            first: Some(now + FIRST_ANSWER),
            no_tray: Some(now + TRAY_LIMIT),
            expectant: starter == Starter::Person,
        }
    }

    fn live(mut self, happened: &Receiver<Event>) {
        loop {
            let event = match self.wait() {
                Some(limit) => happened.recv_timeout(limit),
                None => happened.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(Event::Chosen(Choice::Quit, _)) if self.may_quit() => return,
                Ok(event) => self.take(event),
                Err(RecvTimeoutError::Timeout) => self.late(),
            }
            self.show();
            self.notify();
        }
    }

    /// How long nothing needs to be done.
    fn wait(&self) -> Option<Duration> {
        let soonest = [self.first, self.no_tray].into_iter().flatten().min();
        let until = soonest.map(|at| at.saturating_duration_since(Instant::now()));
        let look = self.notices.next_look(self.begun.elapsed());
        [until, look].into_iter().flatten().min()
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Status(status, rules) => {
                self.first = None;
                if let Some(status) = &status {
                    self.refused = None;
                    self.welcome(status);
                }
                self.status = status;
                if let Some(rules) = rules {
                    self.rules = rules;
                }
            }
            Event::Chosen(choice, token) => self.chosen(choice, token),
            Event::Refused(why) => self.refused = why,
            Event::Tray(true) => self.no_tray = None,
            Event::Tray(false) | Event::Stop => {}
            Event::Failed(failed) => self.tell_failure(&failed),
            Event::Copied => self.tell(&notices::copied(self.rules.support_contact.as_deref(), self.words)),
        }
    }

    /// Whoever starts Lanyard where it can do nothing yet sees what is missing, and whom to ask.
    fn welcome(&mut self, status: &Status) {
        if std::mem::take(&mut self.expectant) && status.session.state == "unconfigured" {
            self.open(Opening::default(), None);
        }
    }

    fn late(&mut self) {
        let now = Instant::now();
        self.first = self.first.filter(|at| *at > now);
        if self.no_tray.is_some_and(|at| at <= now) {
            self.no_tray = None;
            self.say_once_that_there_is_no_tray();
        }
    }

    /// Once for each person, not at each log-on: on such a desktop the window is opened like any program.
    fn say_once_that_there_is_no_tray(&self) {
        // Where nothing can be shown it is not said, and so is said on the desktop that comes.
        if display::is_named() && secret::private::create(&self.state.join("no-tray-said")).is_ok() {
            self.open(Opening { page: Page::Servers, reason: Some(Reason::NoTray) }, None);
        }
    }

    fn chosen(&self, choice: Choice, token: Option<String>) {
        match choice {
            Choice::Open(page) => self.open(Opening { page, reason: None }, token),
            // Policy may have changed since the menu was drawn.
            Choice::Quit => {}
            Choice::SignOut if !self.rules.allow_sign_out => {}
            choice => verbs::perform(choice, self.events.clone()),
        }
    }

    /// Where no agent runs, quitting ends nothing that policy keeps alive.
    fn may_quit(&self) -> bool {
        self.rules.allow_quit || self.status.is_none() && self.refused.is_some()
    }

    /// What a verb came to, where policy lets anything be told.
    fn tell(&self, said: &Said) {
        if self.rules.show_notifications {
            self.poster.show(said, self.words);
        }
    }

    /// A person waits for what they chose: where no notice may say that it failed, the window does.
    fn tell_failure(&self, failed: &Failed) {
        if self.rules.show_notifications {
            self.tell(&notices::failed(failed, self.words));
        } else {
            let reason = if failed.why == Why::Browser { Reason::NoBrowser } else { Reason::Failed };
            self.open(Opening { page: failed.page, reason: Some(reason) }, None);
        }
    }

    fn open(&self, opening: Opening, token: Option<String>) {
        if let Err(error) = opening::window(opening, token) {
            tracing::warn!(%error, "the window could not be started");
        }
    }

    fn show(&mut self) {
        if self.first.is_some() {
            return;
        }
        let rules = Rules { allow_quit: self.may_quit(), ..self.rules.clone() };
        let model = Model::of(self.status.as_deref(), self.refused.as_deref(), &rules, self.words);
        if self.shown.as_ref() != Some(&model) {
            self.panel.show(&model);
            self.shown = Some(model);
        }
    }

    fn notify(&mut self) {
        let now = self.begun.elapsed();
        for notice in self.notices.look(self.status.as_deref(), &self.rules, now) {
            self.poster.show(&notice.said(self.words), self.words);
        }
    }
}
