//! `lanyard-sandbox`: a whole enterprise on this machine, until Ctrl-C.

#[cfg(unix)]
mod unix;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Parser;
use sandbox::{Options, PASSWORD, PROFILES, Profile, World};

/// A stand-in for an enterprise: an identity provider, two authorization servers and four MCP servers on 127.0.0.1.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port of the identity provider; the other parties take the six after it
    #[arg(long)]
    port: Option<u16>,
    /// How the products behave; `list` shows the names
    #[arg(long, default_value = "standard")]
    profile: String,
    /// Speak TLS and write certificate and keys to this folder
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// Write the matching Lanyard policy to this file
    #[arg(long, value_name = "FILE")]
    policy_out: Option<PathBuf>,
    /// Life of access tokens in seconds
    #[arg(long, value_name = "SECS", default_value_t = 300)]
    token_life: i64,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut out = io::stdout();
    let Some(profile) = Profile::named(&arguments.profile) else {
        for (name, text) in PROFILES {
            writeln!(out, "{name:20} {text}")?;
        }
        return if arguments.profile == "list" { Ok(()) } else { Err(io::Error::other("there is no profile of that name")) };
    };
    let world = World::open(Options {
        profile,
        tls: arguments.tls.is_some(),
        token_seconds: arguments.token_life,
        named: false,
        port: arguments.port,
        directory: arguments.tls,
    })
    .await?;
    if let Some(file) = &arguments.policy_out {
        std::fs::write(file, serde_json::to_vec_pretty(&world.policy_json())?)?;
        writeln!(out, "Policy         {}", file.display())?;
    }
    writeln!(out, "Issuer         {}", world.idp.issuer())?;
    writeln!(out, "Administrator  {}", world.idp.admin_url())?;
    for server in world.servers() {
        let issuer = server.authorization_server.as_deref().unwrap_or("no authorization");
        writeln!(out, "Server         {:7} {}  ({issuer})", server.id, server.url)?;
    }
    if let Some(file) = world.ca_file() {
        writeln!(out, "Authority      {}", file.display())?;
    }
    writeln!(out, "Accounts       ada (engineering, everyone), grace (finance, everyone), linus (contractors)")?;
    writeln!(out, "Password       {PASSWORD}")?;
    out.flush()?;
    unix::stop().await
}
