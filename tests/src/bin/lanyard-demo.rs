//! `lanyard-demo`: the main job from the sign-in to the offboarding, against the sandbox, in readable steps.
#![expect(clippy::print_stdout, reason = "a demonstration speaks")]

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Parser;
use sandbox::{Desk, Login, Options, PASSWORD, World};
use serde_json::{Value, json};

/// Shows what Lanyard does, from the sign-in to the offboarding.
#[derive(Parser)]
struct Arguments {
    /// Walk the sign-in page without a browser
    #[arg(long)]
    headless: bool,
    /// Keep everything up at the end, and say how to try it by hand
    #[arg(long)]
    stay: bool,
}

const USER: &str = "ada";
const SERVERS: [&str; 3] = ["linear", "figma", "wiki"];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let show = Show::new();
    match demonstrate(&arguments, &show).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            show.bad(&why);
            ExitCode::FAILURE
        }
    }
}

async fn demonstrate(arguments: &Arguments, show: &Show) -> Result<(), String> {
    show.title("An enterprise and an employee's desk");
    let world = World::start(Options::default()).await;
    let mut policy = world.policy_json();
    policy["SessionCheckSeconds"] = json!(5);
    policy["OrganisationName"] = json!("Acme");
    let mut desk = Desk::new(&world, &policy);
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "BROWSER"] {
        if let Ok(value) = std::env::var(name) {
            desk.set(name, &value);
        }
    }
    desk.start_agent();
    show.line("identity provider", &world.idp.issuer());
    for server in world.servers() {
        show.line(&format!("MCP server {}", server.id), &server.url);
    }
    show.line("policy, as IT deploys it", &desk.policy_file().display().to_string());
    show.line("agent", &format!("process {}, socket {}", desk.agent_pid().unwrap_or_default(), desk.socket().display()));

    sign_in(arguments, show, &world, &desk).await?;
    for server in SERVERS {
        one_server(show, &world, &desk, server).await?;
    }
    second_call(show, &world, &desk).await?;
    offboarding(show, &world, &desk).await?;
    show.title("Done");
    if arguments.stay {
        stay(show, &world, &desk).await;
    }
    Ok(())
}

async fn sign_in(arguments: &Arguments, show: &Show, world: &World, desk: &Desk) -> Result<(), String> {
    show.title("One sign-in");
    let screen = std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some();
    let began = Instant::now();
    let said = if arguments.headless || !screen {
        show.line("lanyard login", "no browser here: this program walks the sign-in page itself");
        let login = Login::begin(desk).await;
        show.line("address", &shortened(&login.url, 110));
        world.browser().sign_in(&login.url, USER, PASSWORD).await.map_err(|error| format!("the sign-in page: {error:?}"))?;
        login.end().await
    } else {
        show.line("lanyard login", &format!("your browser opens: sign in as {USER} with the password “{PASSWORD}”"));
        desk.say(&["login"]).await
    };
    if said.code != 0 {
        return Err(format!("the sign-in did not work: {}{}", said.stdout, said.stderr));
    }
    show.good(said.stdout.trim(), began.elapsed());
    Ok(())
}

async fn one_server(show: &Show, world: &World, desk: &Desk, server: &str) -> Result<(), String> {
    show.title(&format!("A token for {server}"));
    let before = world.idp.secrets().len();
    let (token, took) = token(desk, server).await?;
    let assertion = world.idp.secrets().into_iter().skip(before).find_map(|handed| claims_of(&handed, "oauth-id-jag+jwt"));
    if let Some(claims) = assertion {
        show.line("leg 2: ID-JAG from the identity provider", "");
        for name in ["iss", "sub", "aud", "client_id", "resource", "scope"] {
            if let Some(value) = claims[name].as_str() {
                show.detail(name, value);
            }
        }
        show.detail("life", &format!("{} s", claims["exp"].as_i64().unwrap_or(0) - claims["iat"].as_i64().unwrap_or(0)));
    }
    show.line("leg 3: access token from the server's authorization server", &shortened(&token, 28));
    show.good("both legs", took);
    let began = Instant::now();
    let answer = call(&world.server(server).url(), &token, "whoami").await?;
    show.line("MCP tools/call whoami", &shortened(&answer, 160));
    show.good("the server answered", began.elapsed());
    Ok(())
}

async fn second_call(show: &Show, world: &World, desk: &Desk) -> Result<(), String> {
    show.title("A second call");
    let before = world.idp.count("token_exchange");
    let (token, took) = token(desk, "linear").await?;
    call(&world.server("linear").url(), &token, "whoami").await?;
    let exchanges = world.idp.count("token_exchange") - before;
    show.line("exchanges at the identity provider", &exchanges.to_string());
    show.good("`lanyard token linear`, from the cache", took);
    if exchanges > 0 { Err("the second call cost an exchange".to_owned()) } else { Ok(()) }
}

async fn offboarding(show: &Show, world: &World, desk: &Desk) -> Result<(), String> {
    show.title("The offboarding");
    world.idp.disable(USER);
    show.line("identity provider", &format!("{USER} is disabled; policy checks the session every 5 s while tokens are in use"));
    let began = Instant::now();
    loop {
        let said = desk.say(&["token", "linear"]).await;
        if said.code != 0 {
            show.good("refused", began.elapsed());
            show.line("what the employee sees", said.stderr.trim());
            show.line("exit code", &said.code.to_string());
            return Ok(());
        }
        if began.elapsed() > Duration::from_secs(30) {
            return Err("a disabled user was served for too long".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn stay(show: &Show, world: &World, desk: &Desk) {
    world.idp.enable(USER);
    let socket = desk.socket().display().to_string();
    let lanyard = sandbox::desk::binary("lanyard").display().to_string();
    show.line("everything stays up", "end it with Ctrl-C");
    show.line("sign in again", &format!("{lanyard} --socket {socket} login    (as {USER}, password “{PASSWORD}”)"));
    show.line("a token", &format!("{lanyard} --socket {socket} token linear"));
    show.line("what is so", &format!("{lanyard} --socket {socket} status"));
    show.line(
        "with curl",
        &format!("curl --unix-socket {socket} -H 'Content-Type: application/json' -d '{{}}' http://x/v1/servers/linear/token"),
    );
    show.line("the identity provider's administrator", &world.idp.admin_url());
    let _ = tokio::signal::ctrl_c().await;
}

async fn token(desk: &Desk, server: &str) -> Result<(String, Duration), String> {
    let began = Instant::now();
    let said = desk.say(&["token", server]).await;
    match said.code {
        0 => Ok((said.stdout.trim().to_owned(), began.elapsed())),
        _ => Err(format!("`lanyard token {server}`: {}", said.stderr.trim())),
    }
}

/// One tool call over MCP's stateless revision.
async fn call(url: &str, token: &str, tool: &str) -> Result<String, String> {
    let revision = "2026-07-28";
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": revision,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "lanyard-demo", "version": "1"},
    });
    let body =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}, "_meta": meta}});
    let client =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().map_err(|error| error.to_string())?;
    let request = client.post(url).bearer_auth(token).header("accept", "application/json, text/event-stream");
    let request = request.header("mcp-protocol-version", revision).header("mcp-method", "tools/call").header("mcp-name", tool);
    let reply = request.json(&body).send().await.map_err(|error| error.to_string())?;
    let status = reply.status();
    let text = reply.text().await.map_err(|error| error.to_string())?;
    if !status.is_success() {
        return Err(format!("{tool}: {status} {text}"));
    }
    let document =
        text.lines().rev().find_map(|line| line.strip_prefix("data:").or(line.starts_with('{').then_some(line))).unwrap_or("");
    let answer: Value = serde_json::from_str(document.trim()).map_err(|error| error.to_string())?;
    let said = answer["result"]["content"][0]["text"].as_str().unwrap_or_default();
    Ok(said.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The claims of a JWT of this type.
fn claims_of(token: &str, typ: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let part = |part: Option<&str>| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part?).ok()?).ok() };
    let head = part(parts.next())?;
    part(parts.next()).filter(|_| head["typ"] == typ)
}

fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text.to_owned(),
    }
}

/// Coloured on a terminal, plain in a pipe.
struct Show {
    colour: bool,
}

impl Show {
    fn new() -> Self {
        Self { colour: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn title(&self, text: &str) {
        println!("\n{}", self.paint("1;36", text));
    }

    fn line(&self, name: &str, value: &str) {
        println!("  {}{}{value}", self.paint("1", name), if value.is_empty() { "" } else { ": " });
    }

    fn detail(&self, name: &str, value: &str) {
        println!("      {} {value}", self.paint("2", &format!("{name:<10}")));
    }

    fn good(&self, text: &str, took: Duration) {
        println!(
            "  {} {text} {}",
            self.paint("1;32", "ok"),
            self.paint("2", &format!("({:.1} ms)", took.as_secs_f64() * 1000.0))
        );
    }

    fn bad(&self, text: &str) {
        println!("  {} {text}", self.paint("1;31", "failed"));
    }
}
