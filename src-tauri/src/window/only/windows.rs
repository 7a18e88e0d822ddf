use std::io::{self, Cursor, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};
use tokio::runtime;
use tokio::time::timeout;

use super::BETWEEN;

/// How long one that connects may take to say its page.
const SAYING: Duration = Duration::from_secs(1);
/// More than anybody may say.
const LONGEST: u64 = 1024;

/// Listens at a pipe that nobody has before (LI-15), and that nobody on another computer reaches.
pub(super) fn listen(door: &Path, hear: impl Fn(&mut dyn Read) + Send + 'static) -> io::Result<()> {
    let door = door.as_os_str().to_owned();
    let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let first = {
        let _inside = runtime.enter();
        ServerOptions::new().first_pipe_instance(true).reject_remote_clients(true).create(&door)?
    };
    let serve = move || {
        let mut pipe = first;
        runtime.block_on(async {
            loop {
                if pipe.connect().await.is_ok() {
                    hear(&mut Cursor::new(said(&mut pipe).await));
                }
                // A pipe serves one; the next has one of its own, made before this one goes, so that nobody comes between.
                pipe = loop {
                    match ServerOptions::new().reject_remote_clients(true).create(&door) {
                        Ok(next) => break next,
                        Err(_) => tokio::time::sleep(BETWEEN).await,
                    }
                };
            }
        });
    };
    thread::Builder::new().name("only".into()).spawn(serve).map(drop)
}

async fn said(pipe: &mut NamedPipeServer) -> Vec<u8> {
    let mut word = Vec::new();
    // The other side closes when it has said it, which reads as an error on a pipe.
    let _closed = timeout(SAYING, pipe.take(LONGEST).read_to_end(&mut word)).await;
    word
}
