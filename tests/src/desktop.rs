//! A desktop of a test's own that really shows icons of programs: a display in memory, a session bus, a window manager and
//! a panel. Everything it starts ends with it, and everything it writes is in its desk's folder.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use zbus::fdo::DBusProxy;
use zbus::{Connection, connection};

use crate::desk::{Desk, PATIENCE};
use crate::screen::{Colour, Screen};

/// Who shows the icons.
pub const WATCHER: &str = "org.kde.StatusNotifierWatcher";

const SCREEN: &str = "1280x800x24";

/// How long nothing on the screen may change before a picture is taken.
const STILL: Duration = Duration::from_millis(600);

/// Programs that it is made of, and those that look at it.
const PROGRAMS: [&str; 7] = ["Xvfb", "dbus-daemon", "openbox", "xfce4-panel", "xfconf-query", "import", "xdotool"];

/// The one service that the bus may start: the panel keeps its settings there. A keychain would ask questions.
const SETTINGS: &str = "/usr/share/dbus-1/services/org.xfce.Xfconf.service";

/// How a desktop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// With a light panel.
    Light,
    /// With a dark panel.
    Dark,
    /// Without a panel.
    Bare,
}

/// The desktop.
pub struct Desktop {
    _processes: Processes,
    panel: Option<Child>,
    look: Look,
    bus: Connection,
    screen: Screen,
    display: String,
}

/// In the order of their start, and ended in the opposite one.
struct Processes(Vec<Child>);

/// What kept it from coming up.
#[derive(Debug, thiserror::Error)]
pub enum Dark {
    /// A program could not be used.
    #[error("a program of the desktop")]
    Io(#[from] io::Error),
    /// The bus did not do what was asked.
    #[error("the session bus")]
    Bus(#[from] zbus::Error),
    /// The bus refused.
    #[error("the session bus")]
    Refused(#[from] zbus::fdo::Error),
    /// Something did not happen in time.
    #[error("never {0}")]
    Never(&'static str),
}

impl Desktop {
    /// A desktop for the later processes of `desk`; none where the machine lacks a part of it.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(desk: &mut Desk, look: Look) -> Result<Option<Self>, Dark> {
        if let Some(missing) = PROGRAMS.iter().find(|program| !installed(program)) {
            crate::desk::skipped(&format!("no {missing} on this machine"));
            return Ok(None);
        }
        let (bus, address) = session_bus(desk)?;
        let mut processes = Processes(vec![bus]);
        desk.set("DBUS_SESSION_BUS_ADDRESS", &address);
        let connection = connection::Builder::address(address.as_str())?.build().await?;
        let display = show(desk, &mut processes)?;
        let screen = Screen::named(&display)?;
        let mut desktop = Self { _processes: processes, panel: None, look, bus: connection, screen, display };
        if look != Look::Bare {
            desktop.start_panel(desk).await?;
        }
        Ok(Some(desktop))
    }

    /// Starts the panel, and waits until it shows icons.
    ///
    /// # Errors
    /// When it does not.
    pub async fn start_panel(&mut self, desk: &Desk) -> Result<(), Dark> {
        let mut panel = desk.program(Path::new("xfce4-panel"));
        panel.arg("--disable-wm-check").stdout(Stdio::null());
        self.panel = Some(spawned(&mut panel)?);
        self.owned(WATCHER, true).await?;
        // A panel takes its first settings at its start, and this one at once.
        let dark = if self.look == Look::Dark { "true" } else { "false" };
        let set = ["-c", "xfce4-panel", "-p", "/panels/dark-mode", "-n", "-t", "bool", "-s", dark];
        desk.other(Path::new("xfconf-query"), &set).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        Ok(())
    }

    /// Ends the panel as a crash would, and waits until nobody shows icons.
    ///
    /// # Errors
    /// When it stays.
    pub async fn kill_panel(&mut self) -> Result<(), Dark> {
        if let Some(panel) = self.panel.take() {
            end(panel);
        }
        self.owned(WATCHER, false).await
    }

    /// The display's name.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The session bus.
    pub fn bus(&self) -> &Connection {
        &self.bus
    }

    /// Waits until somebody, or nobody, has this name on the bus.
    ///
    /// # Errors
    /// When it does not become so in time.
    pub async fn owned(&self, name: &'static str, owned: bool) -> Result<(), Dark> {
        let bus = DBusProxy::new(&self.bus).await?;
        let mut changes = bus.receive_name_owner_changed_with_args(&[(0, name)]).await?;
        let is_so = async {
            while bus.name_has_owner(name.try_into().map_err(zbus::Error::from)?).await? != owned {
                changes.next().await;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, is_so).await.unwrap_or(Err(Dark::Never("a change of the name's owner")))
    }

    /// What is on the display.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The titles of its windows.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn windows(&self) -> Result<Vec<String>, Dark> {
        Ok(self.screen.windows()?.into_iter().map(|(_, title)| title).collect())
    }

    /// Waits until a window has `title`.
    ///
    /// # Errors
    /// When none gets it in time.
    pub async fn window(&self, title: &str) -> Result<(), Dark> {
        let began = Instant::now();
        while !self.windows()?.iter().any(|name| name == title) {
            if began.elapsed() > PATIENCE {
                return Err(Dark::Never("a window of this title"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// The same with the menu open of the icon that has `colour`, as a right click on the panel shows it.
    ///
    /// # Errors
    /// When there is no such icon, or the picture cannot be taken.
    pub fn picture_of_menu(&self, desk: &Desk, colour: Colour, name: &str) -> Result<(), Dark> {
        if crate::pictures("desktop").is_none() {
            return Ok(());
        }
        let (left, top) = self.screen.place_of(colour)?;
        let hand = |words: &[&str]| desk.other(Path::new("xdotool"), words).status();
        hand(&["mousemove", &left.to_string(), &top.to_string(), "click", "3"])?;
        self.picture(desk, name)?;
        hand(&["key", "Escape"])?;
        Ok(())
    }

    /// A picture of the whole screen once nothing on it moves, PNG, where somebody wants one.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub fn picture(&self, desk: &Desk, name: &str) -> io::Result<()> {
        let Some(folder) = crate::pictures("desktop") else { return Ok(()) };
        let file = folder.join(format!("{name}.png"));
        let (began, mut before) = (Instant::now(), Vec::new());
        loop {
            // Nothing of when and how it was taken is in the file.
            let taken = desk.other(Path::new("import"), &["-window", "root", "-strip"]).arg(&file).status()?;
            let now = fs::read(&file)?;
            if !taken.success() || now.is_empty() {
                return Err(io::Error::other("no picture was taken"));
            }
            if now == before || began.elapsed() > PATIENCE {
                return Ok(());
            }
            before = now;
            std::thread::sleep(STILL);
        }
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.panel.take().into_iter().for_each(end);
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.0.drain(..).rev().for_each(end);
    }
}

/// A display with a window manager, for later processes.
fn show(desk: &mut Desk, processes: &mut Processes) -> Result<String, Dark> {
    let mut server = desk.program(Path::new("Xvfb"));
    // The server picks a number that is free, and says it.
    server.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
    let mut server = spawned(server.stdout(Stdio::piped()))?;
    let output = server.stdout.take();
    processes.0.push(server);
    let display = format!(":{}", first_line(output)?);
    for (name, value) in [
        ("DISPLAY", display.as_str()),
        ("XDG_CURRENT_DESKTOP", "XFCE"),
        ("NO_AT_BRIDGE", "1"),
        ("LIBGL_ALWAYS_SOFTWARE", "1"),
        ("GDK_BACKEND", "x11"),
    ] {
        desk.set(name, value);
    }
    processes.0.push(spawned(desk.program(Path::new("openbox")).stdout(Stdio::null()))?);
    Ok(display)
}

fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Starts it in a group of its own: what it starts ends with it. Nobody reads what it says.
fn spawned(command: &mut Command) -> io::Result<Child> {
    command.stderr(Stdio::null()).process_group(0).spawn()
}

fn end(mut child: Child) {
    let _ = Command::new("kill").args(["--".to_owned(), format!("-{}", child.id())]).stderr(Stdio::null()).status();
    let began = Instant::now();
    while matches!(child.try_wait(), Ok(None)) && began.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn first_line(output: Option<impl Read>) -> io::Result<String> {
    let output = output.ok_or_else(|| io::Error::other("no output"))?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    match line.trim() {
        "" => Err(io::Error::other("the program ended before it was up")),
        line => Ok(line.to_owned()),
    }
}

fn session_bus(desk: &Desk) -> io::Result<(Child, String)> {
    let (config, services) = (desk.path("session-bus.conf"), desk.path("services"));
    fs::create_dir_all(&services)?;
    fs::copy(SETTINGS, services.join("org.xfce.Xfconf.service"))?;
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig><type>session</type>\
         <listen>unix:path={}</listen><servicedir>{}</servicedir>\
         <policy context=\"default\"><allow send_destination=\"*\"/><allow receive_sender=\"*\"/><allow own=\"*\"/></policy></busconfig>",
        desk.path("run/bus").display(),
        services.display()
    );
    fs::write(&config, text)?;
    let mut bus = desk.program(Path::new("dbus-daemon"));
    bus.args(["--nofork", "--print-address", "--config-file"]).arg(&config).stdout(Stdio::piped());
    let mut bus = spawned(&mut bus)?;
    match first_line(bus.stdout.take()) {
        Ok(address) => Ok((bus, address)),
        Err(error) => {
            end(bus);
            Err(error)
        }
    }
}
