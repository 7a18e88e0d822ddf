//! oidc-agent of Debian, with an account at the same sandbox.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sandbox::{Desk, World};

/// The sandbox's client that has a secret.
const CLIENT: &str = "lanyard-basic";
const ACCOUNT: &str = "sandbox";
const REQUEST: &[u8] = br#"{"request":"access_token","account":"sandbox","min_valid_period":0,"application_hint":"bench"}"#;

/// A running oidc-agent; it ends with this.
pub(crate) struct Peer {
    socket: PathBuf,
    pid: u32,
    home: tempfile::TempDir,
    // Why it has no token to give; then only its round trip is measured.
    without: Option<String>,
}

impl Peer {
    /// Starts one and hands it a refresh token of the sandbox's; why not, where it does not work.
    pub(crate) async fn start(world: &World, binary: &Path) -> Result<Self, String> {
        let refresh = refresh_token(world, binary).await?;
        let home = tempfile::Builder::new().prefix("peer").tempdir().map_err(|error| error.to_string())?;
        std::fs::create_dir(home.path().join(".oidc-agent")).map_err(|error| error.to_string())?;
        let told = off_thread(bare("oidc-agent", home.path(), None)).await?;
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        let value = |name: &str| {
            let (_, rest) = text.split_once(&format!("{name}="))?;
            rest.split(';').next().map(str::to_owned)
        };
        let (Some(socket), Some(pid)) = (value("OIDC_SOCK"), value("OIDCD_PID").and_then(|pid| pid.parse().ok())) else {
            return Err(format!("it names no socket: {text}"));
        };
        let mut peer = Self { socket: socket.into(), pid, home, without: None };
        let mut generate = peer.bare("oidc-gen");
        generate
            .args(["--manual", "--no-save", "--prompt=none", "--confirm-default", "--pw-cmd=echo sandbox", "--flow=refresh"])
            .args(["--scope=openid offline_access", "--redirect-uri=http://localhost:4242"])
            .arg(format!("--issuer={}", world.idp.issuer()))
            // It always proves its client by Basic, and does not encode as RFC 6749 §2.3.1 wants.
            .arg(format!("--client-id={CLIENT}"))
            .arg(format!("--client-secret={}", encoded(sandbox::SECRET)))
            .arg(format!("--rt={refresh}"))
            .arg(ACCOUNT);
        let made = off_thread(generate).await?;
        let token = off_thread(peer.command()).await?;
        if !token.status.success() {
            peer.without = Some(format!("{} {}", said(&made), said(&token)));
            let listed = off_thread(peer.command()).await?;
            if !listed.status.success() {
                return Err(said(&listed));
            }
        }
        Ok(peer)
    }

    /// What its command does, as it stands in the table.
    pub(crate) fn name(&self) -> &'static str {
        if self.without.is_some() { "`oidc-add -a` (NOT a token: none could be configured)" } else { "oidc-token" }
    }

    /// What its socket does, as it stands in the table.
    pub(crate) fn answer(&self) -> &'static str {
        if self.without.is_some() { "oidc-agent refusing an unknown account (NOT a token)" } else { "oidc-agent" }
    }

    /// Why it has no token to give.
    pub(crate) fn without(&self) -> Option<&str> {
        self.without.as_deref()
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.socket.clone()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// `oidc-token` for its account, or the list of what is loaded where it has none.
    pub(crate) fn command(&self) -> Command {
        if self.without.is_some() {
            let mut command = self.bare("oidc-add");
            command.arg("-a");
            return command;
        }
        let mut command = self.bare("oidc-token");
        command.arg(ACCOUNT);
        command
    }

    fn bare(&self, program: &str) -> Command {
        bare(program, self.home.path(), Some(&self.socket))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.pid.to_string()).status();
    }
}

/// One access token over the socket of oidc-agent, a connection each, as its protocol has it; without an account, its refusal.
pub(crate) fn ask(socket: &Path, serves: bool) -> Result<(), String> {
    let mut stream = UnixStream::connect(socket).map_err(|error| error.to_string())?;
    stream.write_all(REQUEST).map_err(|error| error.to_string())?;
    let mut answer = [0_u8; 4096];
    let read = stream.read(&mut answer).map_err(|error| error.to_string())?;
    let wanted: &[u8] = if serves { b"\"access_token\"" } else { b"\"error\"" };
    let good = answer[..read].windows(wanted.len()).any(|part| part == wanted);
    if good { Ok(()) } else { Err(String::from_utf8_lossy(&answer[..read]).into_owned()) }
}

/// A refresh token of its own: that of a desk that is left at once.
async fn refresh_token(world: &World, binary: &Path) -> Result<String, String> {
    let before = world.idp.secrets().len();
    let mut policy = world.policy_json();
    policy["ClientId"] = CLIENT.into();
    policy["ClientAuthentication"] = "client_secret_basic".into();
    policy["ClientSecret"] = sandbox::SECRET.into();
    let mut desk = Desk::new(world, &policy).with_binary(binary.to_owned());
    desk.start_agent();
    desk.sign_in(crate::USER).await;
    desk.kill_agent();
    let handed = world.idp.secrets().split_off(before);
    // The IdP's answer at the sign-in: the access token, the ID token, the refresh token.
    handed.get(2).cloned().ok_or_else(|| "the sandbox handed out no refresh token".to_owned())
}

/// As a form has it.
fn encoded(text: &str) -> String {
    let mut url = reqwest::Url::parse("http://x").map_err(|error| error.to_string()).ok();
    let query = url.as_mut().map(|url| {
        url.query_pairs_mut().append_pair("", text);
        url.query().unwrap_or_default().trim_start_matches('=').to_owned()
    });
    query.unwrap_or_default()
}

fn bare(program: &str, home: &Path, socket: Option<&Path>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).env("TMPDIR", home).env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    if let Some(socket) = socket {
        command.env("OIDC_SOCK", socket);
    }
    command
}

async fn off_thread(mut command: Command) -> Result<Output, String> {
    let program = command.get_program().display().to_string();
    let done = tokio::task::spawn_blocking(move || command.output()).await.map_err(|error| error.to_string())?;
    done.map_err(|error| format!("{program}: {error}"))
}

fn said(output: &Output) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
