use std::os::windows::io::IntoRawHandle;
use std::path::Path;

use tokio::net::windows::named_pipe::NamedPipeClient;
use wire::client::Client;

/// A connection, if an agent listens at `pipe`.
#[expect(unsafe_code, reason = "tokio takes a pipe over by its handle only")]
pub(crate) async fn connect(pipe: &Path) -> Option<NamedPipeClient> {
    let pipe = pipe.to_owned();
    // LI-14: the client looks whose pipe it is. It may wait for a free instance.
    let opened = tokio::task::spawn_blocking(move || Client::new(pipe).open().ok()).await.ok()??;
    // SAFETY: the handle is a pipe's, opened for overlapped use, and given away here.
    unsafe { NamedPipeClient::from_raw_handle(opened.into_handle().into_raw_handle()).ok() }
}
