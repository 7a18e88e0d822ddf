//! The icon by the protocol that panels speak (StatusNotifierItem), over the session bus alone: no toolkit, no display.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use ksni::menu::{CheckmarkItem, StandardItem};
use ksni::{Category, MenuItem, OfflineReason, ToolTip, Tray, TrayMethods};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use zbus::export::futures_core::Stream;
use zbus::{Connection, MessageStream};

use crate::arguments::Page;
use crate::shell::Event;
use crate::tray::render::{Picture, panel};
use crate::tray::{Choice, Icon, Item, Model};

/// What panels ask for; each takes the one that fits.
const SIZES: [u32; 5] = [16, 22, 24, 32, 48];

/// How long to wait for a session bus before it is looked for again; twice as long each time, to the longest.
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(60);

/// What is to be shown.
pub(crate) struct Panel {
    models: watch::Sender<Option<Model>>,
    _runtime: Runtime,
}

/// Acts while the icon is shown; returns what the act returns.
pub(crate) fn play(events: Sender<Event>, act: impl FnOnce(Panel) -> u8 + Send + 'static) -> u8 {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("panel").enable_all().build();
    match runtime {
        Ok(runtime) => {
            let models = watch::Sender::new(None);
            runtime.spawn(keep(models.subscribe(), events));
            act(Panel { models, _runtime: runtime })
        }
        Err(error) => {
            tracing::error!(%error, "the icon cannot be shown");
            1
        }
    }
}

impl Panel {
    /// Shows it from now on, whoever comes and goes on the bus.
    pub(crate) fn show(&self, model: &Model) {
        self.models.send_replace(Some(model.clone()));
    }
}

/// Keeps the icon on whatever session bus there is.
async fn keep(mut models: watch::Receiver<Option<Model>>, events: Sender<Event>) {
    let mut wait = SHORTEST;
    while models.wait_for(Option::is_some).await.is_ok() {
        match Connection::session().await {
            Ok(bus) => {
                if let Err(error) = shown(&bus, &mut models, &events).await {
                    tracing::warn!(%error, "the icon is not shown");
                } else {
                    // The bus ends with the person's session, and so does everything that belongs to it.
                    tracing::info!("the session bus ended, and with it this person's session");
                    drop(events.send(Event::Stop));
                    return;
                }
            }
            Err(error) => tracing::debug!(%error, "no session bus"),
        }
        drop(events.send(Event::Tray(false)));
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST);
    }
}

/// Shows the icon for as long as there is the bus.
async fn shown(bus: &Connection, models: &mut watch::Receiver<Option<Model>>, events: &Sender<Event>) -> Result<(), ksni::Error> {
    let mut life = MessageStream::from(bus);
    let Some(model) = models.borrow_and_update().clone() else { return Ok(()) };
    let away = Arc::new(AtomicBool::new(false));
    let item = Shown { pictures: pictures(model.icon), model, events: events.clone(), away: away.clone() };
    let handle = item.assume_sni_available(true).spawn().await?;
    if !away.load(Ordering::Relaxed) {
        drop(events.send(Event::Tray(true)));
    }
    loop {
        tokio::select! {
            changed = models.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let model = models.borrow_and_update().clone();
                if let Some(model) = model {
                    handle.update(|shown| shown.take(model)).await;
                }
            }
            ended = over(&mut life) => if ended { return Ok(()) },
        }
    }
}

/// Whether the connection is over; nothing that comes on it is looked at.
async fn over(life: &mut MessageStream) -> bool {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *life).poll_next(context)).await.is_none_or(|message| message.is_err())
}

/// The icon as the bus sees it.
struct Shown {
    model: Model,
    /// Its icon at every size: the bus asks often.
    pictures: Vec<ksni::Icon>,
    events: Sender<Event>,
    /// Whether nobody shows icons.
    away: Arc<AtomicBool>,
}

impl Shown {
    fn take(&mut self, model: Model) {
        if model.icon != self.model.icon {
            self.pictures = pictures(model.icon);
        }
        self.model = model;
    }

    fn told(&self, shown: bool) {
        self.away.store(!shown, Ordering::Relaxed);
        drop(self.events.send(Event::Tray(shown)));
    }

    fn chosen(&mut self, choice: Choice) {
        drop(self.events.send(Event::Chosen(choice, ksni::current_xdg_activation_token())));
    }
}

impl Tray for Shown {
    fn id(&self) -> String {
        "dev.lanyard.agent".into()
    }

    fn category(&self) -> Category {
        Category::SystemServices
    }

    fn title(&self) -> String {
        "Lanyard".into()
    }

    fn status(&self) -> ksni::Status {
        match self.model.icon {
            Icon::Attention => ksni::Status::NeedsAttention,
            _ => ksni::Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.pictures.clone()
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        // Asked for in that state alone.
        if self.model.icon == Icon::Attention { self.pictures.clone() } else { Vec::new() }
    }

    fn tool_tip(&self) -> ToolTip {
        let (title, description) = self.model.tooltip.split_once('\n').unwrap_or((&self.model.tooltip, ""));
        ToolTip { title: escaped(title), description: escaped(description), ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.chosen(Choice::Open(Page::Servers));
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.model.items.iter().map(line).collect()
    }

    fn watcher_online(&self) {
        self.told(true);
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        self.told(false);
        // A panel that starts again finds the icon waiting.
        true
    }
}

fn line(item: &Item) -> MenuItem<Shown> {
    // An underline would mark a key to press.
    let plain = |label: &str| label.replace('_', "__");
    match item {
        Item::Separator => MenuItem::Separator,
        Item::Text(label) => StandardItem { label: plain(label), enabled: false, ..StandardItem::default() }.into(),
        Item::Action(label, choice) => {
            let choice = choice.clone();
            let activate = Box::new(move |shown: &mut Shown| shown.chosen(choice.clone()));
            StandardItem { label: plain(label), activate, ..StandardItem::default() }.into()
        }
        Item::Check(label, checked, choice) => {
            let choice = choice.clone();
            let activate = Box::new(move |shown: &mut Shown| shown.chosen(choice.clone()));
            CheckmarkItem { label: plain(label), checked: *checked, activate, ..CheckmarkItem::default() }.into()
        }
    }
}

/// The text of a tooltip may carry marks, and names are none.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn pictures(icon: Icon) -> Vec<ksni::Icon> {
    SIZES.map(|size| pixels(&panel(icon, size))).into()
}

/// The protocol wants opacity first.
fn pixels(picture: &Picture) -> ksni::Icon {
    let mut data = picture.rgba.clone();
    data.chunks_exact_mut(4).for_each(|pixel| pixel.rotate_right(1));
    let side = picture.size as i32;
    ksni::Icon { width: side, height: side, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_goes_with_its_opacity_first() {
        let picture = Picture { size: 1, rgba: vec![1, 2, 3, 4] };
        assert_eq!(pixels(&picture).data, [4, 1, 2, 3]);
    }

    #[test]
    fn every_state_has_a_picture_of_every_size() {
        for icon in Icon::ALL {
            let sizes: Vec<i32> = pictures(icon).iter().map(|picture| picture.width).collect();
            assert_eq!(sizes, [16, 22, 24, 32, 48]);
        }
    }
}
