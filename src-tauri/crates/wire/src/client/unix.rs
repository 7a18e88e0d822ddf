use std::path::Path;

use super::ClientError;

/// A Unix socket.
pub type Stream = std::os::unix::net::UnixStream;

pub(super) fn open(socket: &Path) -> Result<Stream, ClientError> {
    let folder = socket.parent().unwrap_or(Path::new("/"));
    for place in [folder, socket] {
        match rustix::fs::lstat(place) {
            // LI-14: not a byte is sent to another user's socket.
            Ok(found) if found.st_uid != rustix::process::getuid().as_raw() => {
                return Err(ClientError::Impostor(place.into()));
            }
            Ok(_) => {}
            Err(_) => return Err(ClientError::NotRunning),
        }
    }
    Stream::connect(socket).map_err(|_| ClientError::NotRunning)
}
