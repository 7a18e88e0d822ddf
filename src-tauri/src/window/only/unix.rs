use std::fs::{self, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread;
use std::time::Duration;

use secret::private;

use super::BETWEEN;

/// How long one that connects may take to say its page.
const SAYING: Duration = Duration::from_secs(1);

/// Listens in a folder that is this user's alone (LI-3); whatever an earlier window left there goes.
pub(super) fn listen(door: &Path, hear: impl Fn(&mut dyn Read) + Send + 'static) -> io::Result<()> {
    private::folder(door.parent().ok_or(io::ErrorKind::NotFound)?)?;
    match fs::remove_file(door) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(door)?;
    fs::set_permissions(door, Permissions::from_mode(0o600))?;
    let serve = move || {
        for stream in listener.incoming() {
            match stream {
                Ok(mut stream) if stream.set_read_timeout(Some(SAYING)).is_ok() => hear(&mut stream),
                Ok(_) => {}
                // Of one that went away again, or for want of descriptors, which pass.
                Err(_) => thread::sleep(BETWEEN),
            }
        }
    };
    thread::Builder::new().name("only".into()).spawn(serve).map(drop)
}
