use std::path::Path;

use tokio::net::UnixStream;
use wire::client::Client;

/// A connection, if an agent listens at `socket`.
pub(crate) async fn connect(socket: &Path) -> Option<UnixStream> {
    // LI-14: the client looks whose socket it is.
    let stream = Client::new(socket.into()).open().ok()?;
    stream.set_nonblocking(true).ok()?;
    UnixStream::from_std(stream).ok()
}
