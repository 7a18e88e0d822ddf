//! What is on a display, and a hand at its windows' buttons, in the words of X11 itself.

use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat, Screen as Root, Window};
use x11rb::rust_connection::RustConnection;

use crate::desk::PATIENCE;
use crate::desktop::Dark;

/// A red, a green and a blue.
pub type Colour = [u8; 3];

/// As many windows as a desktop of a test ever has, and as many words as a title.
const MANY: u32 = 1024;

/// A display.
pub struct Screen {
    connection: RustConnection,
    root: Root,
}

impl Screen {
    /// The one of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(display: &str) -> Result<Self, Dark> {
        let (connection, number) = x11rb::connect(Some(display)).map_err(dark)?;
        let root = connection.setup().roots.get(number).cloned().ok_or(Dark::Never("a screen"))?;
        Ok(Self { connection, root })
    }

    /// The windows that its manager knows, with their titles.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn windows(&self) -> Result<Vec<(Window, String)>, Dark> {
        let list = self.property(self.root.root, self.atom("_NET_CLIENT_LIST")?)?;
        let windows = list.chunks_exact(4).map(|bytes| Window::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        let name = self.atom("_NET_WM_NAME")?;
        // One that has just gone has no title.
        Ok(windows
            .map(|window| (window, String::from_utf8_lossy(&self.property(window, name).unwrap_or_default()).into_owned()))
            .collect())
    }

    /// Closes the window of this title as its own button does.
    ///
    /// # Errors
    /// When there is none, or the display is gone.
    pub fn close(&self, title: &str) -> Result<(), Dark> {
        let windows = self.windows()?;
        let (window, _) = windows.iter().find(|(_, known)| known == title).ok_or(Dark::Never("a window of this title"))?;
        self.ask(*window, "_NET_CLOSE_WINDOW", [0; 5])
    }

    /// Puts every window away, as people do who want to see their desktop.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn clear(&self) -> Result<(), Dark> {
        self.ask(self.root.root, "_NET_SHOWING_DESKTOP", [1, 0, 0, 0, 0])
    }

    /// The title of the window that has the focus; empty where none has.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn focused(&self) -> Result<String, Dark> {
        let active = self.property(self.root.root, self.atom("_NET_ACTIVE_WINDOW")?)?;
        let known = self.windows()?.into_iter().find(|(window, _)| active.starts_with(&window.to_ne_bytes()));
        Ok(known.map(|(_, title)| title).unwrap_or_default())
    }

    /// Where a colour is first, from the top.
    ///
    /// # Errors
    /// When it is nowhere, or the display is gone.
    pub fn place_of(&self, colour: Colour) -> Result<(usize, usize), Dark> {
        let at = self.pixels()?.chunks_exact(4).position(|pixel| is_of(pixel, colour)).ok_or(Dark::Never("a colour"))?;
        let width = usize::from(self.root.width_in_pixels);
        Ok((at % width, at / width))
    }

    /// Waits until at least `pixels` of every sixteenth row have this colour: to look at all of them would take the processor
    /// from who draws.
    ///
    /// # Errors
    /// When it does not happen in time, or the display is gone.
    pub async fn shows(&self, colour: Colour, pixels: usize) -> Result<(), Dark> {
        let row = usize::from(self.root.width_in_pixels) * 4;
        let began = Instant::now();
        loop {
            let shown = self.pixels()?;
            let rows = shown.chunks_exact(row).step_by(16);
            if rows.flat_map(|row| row.chunks_exact(4)).filter(|pixel| is_of(pixel, colour)).count() >= pixels {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                return Err(Dark::Never("so much of a colour"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks the manager of windows.
    fn ask(&self, window: Window, what: &str, words: [u32; 5]) -> Result<(), Dark> {
        let message = ClientMessageEvent::new(32, window, self.atom(what)?, words);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.connection.send_event(false, self.root.root, mask, message).map_err(dark)?;
        self.connection.flush().map_err(dark)
    }

    fn pixels(&self) -> Result<Vec<u8>, Dark> {
        let Root { root, width_in_pixels: width, height_in_pixels: height, .. } = self.root;
        let asked = self.connection.get_image(ImageFormat::Z_PIXMAP, root, 0, 0, width, height, u32::MAX).map_err(dark)?;
        Ok(asked.reply().map_err(dark)?.data)
    }

    fn atom(&self, name: &str) -> Result<u32, Dark> {
        Ok(self.connection.intern_atom(false, name.as_bytes()).map_err(dark)?.reply().map_err(dark)?.atom)
    }

    fn property(&self, window: Window, name: u32) -> Result<Vec<u8>, Dark> {
        let asked = self.connection.get_property(false, window, name, AtomEnum::ANY, 0, MANY).map_err(dark)?;
        Ok(asked.reply().map_err(dark)?.value)
    }
}

fn is_of(pixel: &[u8], [red, green, blue]: Colour) -> bool {
    pixel.starts_with(&[blue, green, red])
}

fn dark(error: impl std::error::Error + Send + Sync + 'static) -> Dark {
    Dark::Io(std::io::Error::other(error))
}
