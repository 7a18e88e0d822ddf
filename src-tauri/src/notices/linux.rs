use std::collections::HashMap;
use std::sync::mpsc::Sender;
use std::thread::Builder;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use zbus::export::futures_core::Stream;
use zbus::zvariant::Value;
use zbus::{Connection, proxy};

use super::Said;
use crate::arguments::Page;
use crate::shell::Event;
use crate::tray::Choice;
use crate::words::Words;

/// How long the desktop may take to show a notice.
const LIMIT: Duration = Duration::from_secs(10);
/// Notices whose click is still awaited; older ones have gone from every screen.
const AWAITED: usize = 32;
/// As the package names its entry in the menu of programs, and its icon.
const ENTRY: &str = "Lanyard";
const ICON: &str = "lanyard-tray";
/// What notices call a click on themselves.
const CLICK: &str = "default";

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    #[expect(clippy::too_many_arguments, reason = "the desktop's own interface")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;

    #[zbus(signal)]
    fn activation_token(&self, id: u32, activation_token: String) -> zbus::Result<()>;
}

/// Shows notices by whatever the desktop has for it.
pub(crate) struct Poster(UnboundedSender<(Said, &'static str)>);

impl Poster {
    /// Nothing is asked of the desktop before the first notice.
    pub(crate) fn new(events: Sender<Event>) -> Self {
        let (sender, said) = unbounded_channel();
        let begun = Builder::new().name("notices".into()).spawn(move || post(said, &events));
        if let Err(error) = begun {
            tracing::warn!(%error, "notices cannot be shown");
        }
        Self(sender)
    }

    /// Shows one; a click on it opens the window at its page.
    pub(crate) fn show(&self, said: &Said, words: &'static Words) {
        drop(self.0.send((said.clone(), words.notice.show)));
    }
}

fn post(mut said: UnboundedReceiver<(Said, &'static str)>, events: &Sender<Event>) {
    let Some(first) = said.blocking_recv() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let posted = runtime.map(|runtime| {
        runtime.block_on(async {
            let mut waiting = Some(first);
            // A bus that went is looked for again with the next notice.
            while let Some(next) = match waiting.take() {
                Some(first) => Some(first),
                None => said.recv().await,
            } {
                if let Err(error) = on_a_bus(next, &mut said, events).await {
                    tracing::warn!(%error, "a notice could not be shown");
                }
            }
        });
    });
    if let Err(error) = posted {
        tracing::warn!(%error, "notices cannot be shown");
    }
}

async fn on_a_bus(
    first: (Said, &'static str),
    said: &mut UnboundedReceiver<(Said, &'static str)>,
    events: &Sender<Event>,
) -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let desktop = NotificationsProxy::new(&bus).await?;
    let (mut clicks, mut tokens) = (desktop.receive_action_invoked().await?, desktop.receive_activation_token().await?);
    let mut shown = Shown::default();
    shown.add(show(&desktop, &first).await?, first.0.page);
    loop {
        tokio::select! {
            next = said.recv() => match next {
                Some(next) => shown.add(show(&desktop, &next).await?, next.0.page),
                None => return Ok(()),
            },
            token = after(&mut tokens) => match token {
                Some(token) => {
                    let args = token.args()?;
                    shown.token = Some((args.id, args.activation_token));
                }
                None => return Ok(()),
            },
            click = after(&mut clicks) => match click {
                Some(click) => {
                    let args = click.args()?;
                    if let Some(page) = shown.page(args.id) {
                        let token = shown.token.take().filter(|(id, _)| *id == args.id).map(|(_, token)| token);
                        drop(events.send(Event::Chosen(Choice::Open(page), token)));
                    }
                }
                None => return Ok(()),
            },
        }
    }
}

/// What is on the screen, as far as anybody remembers.
#[derive(Default)]
struct Shown {
    pages: Vec<(u32, Page)>,
    token: Option<(u32, String)>,
}

impl Shown {
    fn add(&mut self, id: u32, page: Page) {
        self.pages.retain(|(known, _)| *known != id);
        self.pages.push((id, page));
        let old = self.pages.len().saturating_sub(AWAITED);
        self.pages.drain(..old);
    }

    /// The page that a click on it leads to; other programs' notices have none.
    fn page(&self, id: u32) -> Option<Page> {
        self.pages.iter().find(|(known, _)| *known == id).map(|(_, page)| *page)
    }
}

async fn show(desktop: &NotificationsProxy<'_>, (said, label): &(Said, &'static str)) -> zbus::Result<u32> {
    let shown = async {
        // Where the desktop reads marks in the text, those of a name must not be any.
        let marks = desktop.get_capabilities().await.is_ok_and(|can| can.iter().any(|can| can == "body-markup"));
        let text = if marks { escaped(&said.text) } else { said.text.clone() };
        let hints = HashMap::from([("desktop-entry", Value::from(ENTRY)), ("category", Value::from("presence"))]);
        desktop.notify("Lanyard", 0, ICON, &said.title, &text, &[CLICK, label], hints, -1).await
    };
    timeout(LIMIT, shown).await.unwrap_or_else(|_| Err(zbus::Error::from(std::io::Error::from(std::io::ErrorKind::TimedOut))))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The next item of a stream.
async fn after<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_never_markup() {
        assert_eq!(escaped("<b>A & B</b>"), "&lt;b&gt;A &amp; B&lt;/b&gt;");
    }

    #[test]
    fn a_click_leads_where_its_own_notice_says_and_old_ones_are_forgotten() {
        let mut shown = Shown::default();
        for id in 0..100 {
            shown.add(id, if id == 99 { Page::Help } else { Page::Account });
        }
        assert_eq!((shown.page(99), shown.page(98), shown.page(7)), (Some(Page::Help), Some(Page::Account), None));
        assert_eq!(shown.pages.len(), AWAITED);
    }
}
