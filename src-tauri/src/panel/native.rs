//! The icon by Tauri: Windows' notification area, macOS' menu bar.

#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

use std::cell::OnceCell;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
use windows as platform;

use tauri::image::Image;
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, RunEvent, Wry};

use crate::arguments::Page;
use crate::shell::Event;
use crate::tray::render::panel;
use crate::tray::{Choice, Icon, Item, Model};

/// Twice what these systems show; they make it smaller.
const SIZE: u32 = 32;
const NAME: &str = "Lanyard";
/// The longest tooltip that every system shows whole.
const TOOLTIP: usize = 120;

/// What is to be shown.
pub(crate) struct Panel {
    app: AppHandle,
    events: Sender<Event>,
    /// From the first model on, so that nothing is shown that is not so.
    tray: OnceCell<TrayIcon>,
    choices: Choices,
}

/// What each line of the menu means, in its order.
type Choices = Arc<Mutex<Vec<Choice>>>;

/// Acts while the icon is shown; returns what the act returns. The system's own loop needs the main thread.
pub(crate) fn play(events: Sender<Event>, act: impl FnOnce(Panel) -> u8 + Send + 'static) -> u8 {
    let built = tauri::Builder::default().build(crate::context::embedded());
    let mut app = match built {
        Ok(app) => app,
        Err(error) => {
            tracing::error!(%error, "the icon cannot be shown");
            return 1;
        }
    };
    platform::stay_out_of_the_way(&mut app);
    let handle = app.handle().clone();
    let begun = std::thread::Builder::new().name("shell".into()).spawn(move || {
        let code = act(Panel { app: handle.clone(), events, tray: OnceCell::new(), choices: Choices::default() });
        handle.exit(i32::from(code));
    });
    if let Err(error) = begun {
        tracing::error!(%error, "no thread could be started");
        return 1;
    }
    let code = app.run_return(|_, event| {
        // No window is no reason to end.
        if let RunEvent::ExitRequested { code: None, api, .. } = event {
            api.prevent_exit();
        }
    });
    u8::try_from(code).unwrap_or(1)
}

impl Panel {
    /// Shows it from now on.
    pub(crate) fn show(&self, model: &Model) {
        if let Err(error) = self.try_show(model) {
            tracing::warn!(%error, "the icon could not be changed");
        }
    }

    fn try_show(&self, model: &Model) -> tauri::Result<()> {
        let choices: Vec<Choice> = model
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Action(_, choice) | Item::Check(_, _, choice) => Some(choice.clone()),
                Item::Separator | Item::Text(_) => None,
            })
            .collect();
        let menu = menu(&self.app, &model.items)?;
        *self.choices.lock().unwrap_or_else(PoisonError::into_inner) = choices;
        let tooltip: String = format!("{NAME}: {}", model.tooltip).chars().take(TOOLTIP).collect();
        let Some(tray) = self.tray.get() else {
            let built = self.begun().menu(&menu).icon(picture(model.icon)).tooltip(tooltip).build(&self.app)?;
            drop(self.events.send(Event::Tray(true)));
            let _first = self.tray.set(built);
            return Ok(());
        };
        tray.set_menu(Some(menu))?;
        tray.set_icon(Some(picture(model.icon)))?;
        tray.set_tooltip(Some(tooltip))
    }

    /// What does not change.
    fn begun(&self) -> TrayIconBuilder<Wry> {
        let (choices, chosen, clicked) = (self.choices.clone(), self.events.clone(), self.events.clone());
        TrayIconBuilder::with_id("lanyard")
            .icon_as_template(platform::TEMPLATE)
            .show_menu_on_left_click(platform::MENU_ON_LEFT_CLICK)
            .on_menu_event(move |_, event| {
                let at = event.id().as_ref().parse::<usize>().ok();
                let choice = at.and_then(|at| choices.lock().unwrap_or_else(PoisonError::into_inner).get(at).cloned());
                if let Some(choice) = choice {
                    drop(chosen.send(Event::Chosen(choice, None)));
                }
            })
            .on_tray_icon_event(move |_, event| {
                let left =
                    matches!(event, TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. });
                if left && !platform::MENU_ON_LEFT_CLICK {
                    drop(clicked.send(Event::Chosen(Choice::Open(Page::Servers), None)));
                }
            })
    }
}

fn menu(app: &AppHandle, items: &[Item]) -> tauri::Result<Menu<Wry>> {
    let mut next = 0_usize;
    let mut id = || {
        next += 1;
        (next - 1).to_string()
    };
    // An ampersand would mark a key to press.
    let plain = |label: &str| label.replace('&', "&&");
    let menu = Menu::new(app)?;
    for item in items {
        let line: Box<dyn IsMenuItem<Wry>> = match item {
            Item::Separator => Box::new(PredefinedMenuItem::separator(app)?),
            Item::Text(label) => Box::new(MenuItem::new(app, plain(label), false, None::<&str>)?),
            Item::Action(label, _) => Box::new(MenuItem::with_id(app, id(), plain(label), true, None::<&str>)?),
            Item::Check(label, checked, _) => {
                Box::new(CheckMenuItem::with_id(app, id(), plain(label), true, *checked, None::<&str>)?)
            }
        };
        menu.append(line.as_ref())?;
    }
    Ok(menu)
}

fn picture(icon: Icon) -> Image<'static> {
    let drawn = panel(icon, SIZE);
    Image::new_owned(drawn.rgba, drawn.size, drawn.size)
}
