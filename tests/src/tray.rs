//! A person's hand at an icon in the panel, over the bus as the panel does it (StatusNotifierItem, com.canonical.dbusmenu).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use zbus::zvariant::{OwnedValue, Structure, Value};
use zbus::{Connection, Proxy};

use crate::desk::PATIENCE;
use crate::desktop::WATCHER;

const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// An icon in the panel.
pub struct Tray {
    bus: Connection,
    service: String,
    path: String,
}

/// A line of its menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    id: i32,
    /// What it says; empty for a separator.
    pub label: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// Whether it is ticked.
    pub ticked: bool,
}

impl Tray {
    /// Waits until the panel has an icon whose id is `id`.
    ///
    /// # Errors
    /// When the bus is gone.
    ///
    /// # Panics
    /// When no such icon appears in time.
    pub async fn appears(bus: &Connection, id: &str) -> zbus::Result<Self> {
        let began = Instant::now();
        loop {
            for tray in Self::all(bus).await? {
                // One that has just gone is not asked.
                if tray.property::<String>("Id").await.is_ok_and(|known| known == id) {
                    return Ok(tray);
                }
            }
            assert!(began.elapsed() < PATIENCE, "no icon {id} appeared");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Every icon that the panel shows.
    async fn all(bus: &Connection) -> zbus::Result<Vec<Self>> {
        let watcher = Proxy::new(bus, WATCHER, "/StatusNotifierWatcher", WATCHER).await?;
        // A panel that is about to end has none.
        let items: Vec<String> = watcher.get_property("RegisteredStatusNotifierItems").await.unwrap_or_default();
        let icon = |item: String| {
            let (service, path) = item
                .split_once('/')
                .map_or((item.clone(), "StatusNotifierItem".into()), |(service, path)| (service.to_owned(), path.to_owned()));
            Self { bus: bus.clone(), service, path: format!("/{path}") }
        };
        Ok(items.into_iter().map(icon).collect())
    }

    /// What a person reads over it: title and text.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn tooltip(&self) -> zbus::Result<String> {
        let tip: Structure<'static> = self.property::<OwnedValue>("ToolTip").await?.try_into()?;
        let texts: Vec<String> = tip.fields().iter().filter_map(|field| field.downcast_ref::<String>().ok()).collect();
        Ok(texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"))
    }

    /// `Passive`, `Active` or `NeedsAttention`.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn status(&self) -> zbus::Result<String> {
        self.property("Status").await
    }

    /// The smallest picture: its side, and the pixels.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn picture(&self) -> zbus::Result<(i32, Vec<u8>)> {
        let pictures: Vec<(i32, i32, Vec<u8>)> = self.property::<OwnedValue>("IconPixmap").await?.try_into()?;
        let smallest = pictures.into_iter().min_by_key(|(side, ..)| *side);
        smallest.map(|(side, _, pixels)| (side, pixels)).ok_or_else(|| zbus::Error::Failure("no picture".into()))
    }

    /// A click with the left button.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn click(&self) -> zbus::Result<()> {
        let item = Proxy::new(&self.bus, self.service.as_str(), self.path.as_str(), ITEM).await?;
        item.call("Activate", &(0_i32, 0_i32)).await
    }

    /// The menu, from its top.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn menu(&self) -> zbus::Result<Vec<Line>> {
        type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let all: Vec<String> = Vec::new();
        let (_, (_, _, children)): (u32, Layout) = self.menu_proxy().await?.call("GetLayout", &(0_i32, -1_i32, all)).await?;
        children.into_iter().map(line).collect()
    }

    /// Chooses the line of the menu that says `label`.
    ///
    /// # Errors
    /// When it is gone.
    ///
    /// # Panics
    /// When there is no such line, or it cannot be chosen.
    pub async fn choose(&self, label: &str) -> zbus::Result<()> {
        let menu = self.menu().await?;
        let line = menu.iter().find(|line| line.label.trim_end_matches('…') == label);
        let line = line.unwrap_or_else(|| panic!("no {label} in {menu:#?}"));
        assert!(line.enabled, "{label} cannot be chosen");
        self.menu_proxy().await?.call("Event", &(line.id, "clicked", Value::from(0_i32), 0_u32)).await
    }

    /// Waits until the menu is as wanted; the labels then.
    ///
    /// # Errors
    /// When it is gone.
    ///
    /// # Panics
    /// When it does not become so in time.
    pub async fn until(&self, what: &str, wanted: impl Fn(&[Line]) -> bool) -> zbus::Result<Vec<String>> {
        let began = Instant::now();
        loop {
            let menu = self.menu().await?;
            if wanted(&menu) {
                return Ok(menu.into_iter().map(|line| line.label).filter(|label| !label.is_empty()).collect());
            }
            assert!(began.elapsed() < PATIENCE, "never {what}: {menu:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn menu_proxy(&self) -> zbus::Result<Proxy<'static>> {
        let path: zbus::zvariant::OwnedObjectPath = self.property::<OwnedValue>("Menu").await?.try_into()?;
        Proxy::new_owned(self.bus.clone(), self.service.clone(), path, MENU).await
    }

    async fn property<T>(&self, name: &str) -> zbus::Result<T>
    where
        T: TryFrom<OwnedValue>,
        T::Error: Into<zbus::Error>,
    {
        let item = Proxy::new(&self.bus, self.service.as_str(), self.path.as_str(), ITEM).await?;
        // What it was is kept nowhere.
        let properties = zbus::fdo::PropertiesProxy::builder(&self.bus)
            .destination(item.destination().to_owned())?
            .path(item.path().to_owned())?
            .build()
            .await?;
        let value = properties.get(ITEM.try_into()?, name).await?;
        T::try_from(value).map_err(Into::into)
    }
}

fn line(value: OwnedValue) -> zbus::Result<Line> {
    let (id, properties, _): (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>) = value.try_into()?;
    let text = |name: &str| properties.get(name).and_then(|value| value.downcast_ref::<String>().ok()).unwrap_or_default();
    let separator = text("type") == "separator";
    Ok(Line {
        id,
        // An underline marks a key to press, and two are one.
        label: if separator { String::new() } else { text("label").replace("__", "_") },
        enabled: properties.get("enabled").is_none_or(|value| value.downcast_ref::<bool>().unwrap_or(true)),
        ticked: properties.get("toggle-state").is_some_and(|value| value.downcast_ref::<i32>().is_ok_and(|state| state == 1)),
    })
}
