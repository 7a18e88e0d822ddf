use tokio::sync::Semaphore;
use url::Url;

use super::{NoWay, Routing};

/// Threads that may wait for the system at once; it cannot be interrupted.
static THREADS: Semaphore = Semaphore::const_new(4);

/// What `answer` says about `url`, on a thread that may wait.
pub(super) async fn answered(url: &Url, answer: fn(&Url) -> Result<Routing, NoWay>) -> Result<Routing, NoWay> {
    let failed = |error: &dyn std::error::Error| NoWay::Failed(error.to_string());
    let permit = THREADS.acquire().await.map_err(|error| failed(&error))?;
    let url = url.clone();
    let asked = tokio::task::spawn_blocking(move || {
        let _held = permit;
        answer(&url)
    });
    asked.await.map_err(|error| failed(&error))?
}
