//! What can be typed: verbs, arguments and their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};

/// Sign in once at your organisation, and give MCP clients short-lived tokens for the servers it has listed.
#[derive(Debug, Parser)]
#[command(name = "lanyard", version, disable_help_subcommand = true, after_help = EXIT_CODES)]
pub struct Lanyard {
    /// Print JSON; a failure is then a problem object on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// The agent's socket, where it is not in its usual place
    #[arg(long, global = true, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub socket: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 internal, 2 usage, 3 policy, 4 network or other side away, \
5 sign-in needed, 6 agent not running, 7 denied, 8 vault.";

/// A verb.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum Verb {
    /// Run the agent without a tray, in the foreground
    Run {
        /// A policy for trying things out; refused while this computer has one of its own
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        policy: Option<PathBuf>,
    },
    /// Sign in, in the browser, and wait until it is done
    Login {
        /// Open no browser; print the address alone as the first line
        #[arg(long)]
        print_url: bool,
        /// Also take the redirected address from standard input
        #[arg(long)]
        paste: bool,
        /// Sign in to this one server, where your organisation has marked it so
        #[arg(long, value_name = "ID", conflicts_with = "paste")]
        server: Option<String>,
    },
    /// Sign out here and at the identity provider
    Logout,
    /// Show what is so now; the exit code says how the session fares
    Status {
        /// Show every change
        #[arg(long)]
        watch: bool,
        /// Print the JSON Schema of what `--json` prints
        #[arg(long, conflicts_with = "watch")]
        schema: bool,
    },
    /// Show the servers that your organisation has listed
    Servers {
        /// Show every change
        #[arg(long)]
        watch: bool,
    },
    /// Print an access token for a server
    Token {
        /// The server's id
        server: String,
        /// Scopes, separated by spaces
        #[arg(long)]
        scope: Option<String>,
        /// The least remaining life in seconds
        #[arg(long, value_name = "SECONDS")]
        min_ttl: Option<u64>,
        /// Start no agent; wait for one
        #[arg(long)]
        no_start: bool,
    },
    /// Print a server's request headers as JSON, for clients with a header helper
    Headers {
        /// The server's id; without it the variable CLAUDE_CODE_MCP_SERVER_NAME
        server: Option<String>,
        /// Start no agent; wait for one
        #[arg(long)]
        no_start: bool,
    },
    /// Serve one server to one MCP client over standard input and output
    Connect {
        /// The server's id
        server: String,
        /// Start no agent; wait for one
        #[arg(long)]
        no_start: bool,
    },
    /// Show what IT set, where, and what is wrong with it
    Policy {
        /// What to do with it; without: show.
        #[command(subcommand)]
        verb: Option<PolicyVerb>,
    },
    /// Try everything afresh, step by step, and name what fails
    Doctor {
        /// Only this server
        server: Option<String>,
    },
    /// Show the audit log
    Audit {
        /// Show every new event
        #[arg(long)]
        follow: bool,
    },
    /// Write what a help desk needs into one file, after listing it: no names, no addresses of people, no credentials
    Diagnostics {
        /// The file to make, a zip; without: lanyard-diagnostics-TIME.zip here
        #[arg(value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
    },
    /// Forget that a server refused, and let it be tried again
    Retry {
        /// The server's id
        server: String,
    },
    /// Close every door until `resume`
    Pause,
    /// Open the doors again
    Resume,
    /// Set up MCP clients, and the keys of the loopback door; alone: list the clients
    #[command(args_conflicts_with_subcommands = true)]
    Setup(Setup),
}

/// A verb of `lanyard policy`.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum PolicyVerb {
    /// Show every setting with its value, origin and fault
    Show,
    /// Judge the content of a policy file: any fault and any unknown name is an error
    Check {
        /// The file
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Read policy again now
    Reload,
    /// Make a policy of the servers in a client's configuration (`mcp.json`, `.mcp.json`), without its credentials
    Import {
        /// The file
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Show a policy file as a tool deploys it, without its secrets
    Export {
        /// The form
        #[arg(long, value_enum)]
        format: PolicyForm,
        /// The file
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
}

/// The form of a policy that is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum PolicyForm {
    /// A registry file for Windows
    Reg,
    /// A configuration profile for macOS
    Mobileconfig,
    /// A policy file for Linux
    Json,
    /// A custom profile of Intune, for the ADMX of Lanyard
    Intune,
}

/// `lanyard setup`.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// A key to make.
    #[command(subcommand)]
    pub verb: Option<SetupVerb>,
    /// The client to set up
    pub client: Option<String>,
    /// Only this server; may stand several times
    #[arg(long, value_name = "ID", requires = "client")]
    pub server: Vec<String>,
    /// The way in; without: the one that suits the client best
    #[arg(long, value_enum, requires = "client")]
    pub door: Option<Door>,
    /// Take everything away again that setup wrote
    #[arg(long, requires = "client", conflicts_with_all = ["print", "managed", "server", "door"])]
    pub remove: bool,
    /// Show what would be written
    #[arg(long, requires = "client", conflicts_with = "managed")]
    pub print: bool,
    /// Show what an administrator would deploy
    #[arg(long, requires = "client")]
    pub managed: bool,
    /// Replace entries that others wrote for the same servers
    #[arg(long, requires = "client")]
    pub force: bool,
    /// List the keys and what used the doors today
    #[arg(long, conflicts_with_all = ["remove_key", "client"])]
    pub list_keys: bool,
    /// Remove a key
    #[arg(long, value_name = "NAME", conflicts_with = "client")]
    pub remove_key: Option<String>,
}

/// A way in for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Door {
    /// `lanyard connect`, started by the client
    Bridge,
    /// The local socket, where a client can be given one
    Socket,
    /// The loopback port, with a key
    Loopback,
    /// `lanyard headers`, run by the client before it calls the server itself
    Helper,
}

/// A verb of `lanyard setup`.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum SetupVerb {
    /// Make a key for the loopback door and print it once
    Key {
        /// What the key is for
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Lanyard, i32> {
        let words = std::iter::once("lanyard").chain(line.split_whitespace());
        Lanyard::try_parse_from(words).map_err(|error| error.exit_code())
    }

    #[test]
    fn every_verb_is_typed_as_the_contract_says() {
        let s = |text: &str| Some(text.to_owned());
        let table = [
            ("run", Verb::Run { policy: None }),
            ("run --policy p.json", Verb::Run { policy: Some("p.json".into()) }),
            ("login", Verb::Login { print_url: false, paste: false, server: None }),
            ("login --print-url --paste", Verb::Login { print_url: true, paste: true, server: None }),
            ("logout", Verb::Logout),
            ("status --watch", Verb::Status { watch: true, schema: false }),
            ("status --schema", Verb::Status { watch: false, schema: true }),
            ("servers", Verb::Servers { watch: false }),
            ("token linear", Verb::Token { server: "linear".into(), scope: None, min_ttl: None, no_start: false }),
            (
                "token linear --scope read --min-ttl 60 --no-start",
                Verb::Token { server: "linear".into(), scope: s("read"), min_ttl: Some(60), no_start: true },
            ),
            ("headers wiki", Verb::Headers { server: s("wiki"), no_start: false }),
            ("connect wiki", Verb::Connect { server: "wiki".into(), no_start: false }),
            ("policy", Verb::Policy { verb: None }),
            ("policy show", Verb::Policy { verb: Some(PolicyVerb::Show) }),
            ("policy check f.json", Verb::Policy { verb: Some(PolicyVerb::Check { file: "f.json".into() }) }),
            ("policy reload", Verb::Policy { verb: Some(PolicyVerb::Reload) }),
            ("policy import f.json", Verb::Policy { verb: Some(PolicyVerb::Import { file: "f.json".into() }) }),
            (
                "policy export --format reg f.json",
                Verb::Policy { verb: Some(PolicyVerb::Export { format: PolicyForm::Reg, file: "f.json".into() }) },
            ),
            ("doctor", Verb::Doctor { server: None }),
            ("doctor wiki", Verb::Doctor { server: s("wiki") }),
            ("audit --follow", Verb::Audit { follow: true }),
            ("diagnostics", Verb::Diagnostics { file: None }),
            ("diagnostics a.zip", Verb::Diagnostics { file: Some("a.zip".into()) }),
            ("retry wiki", Verb::Retry { server: "wiki".into() }),
            ("pause", Verb::Pause),
            ("resume", Verb::Resume),
            ("setup key cursor", Verb::Setup(Setup { verb: Some(SetupVerb::Key { name: "cursor".into() }), ..Setup::default() })),
            ("setup", Verb::Setup(Setup::default())),
            (
                "setup codex --server linear --server wiki --door loopback --force",
                Verb::Setup(Setup {
                    client: s("codex"),
                    server: vec!["linear".into(), "wiki".into()],
                    door: Some(Door::Loopback),
                    force: true,
                    ..Setup::default()
                }),
            ),
            ("setup codex --remove", Verb::Setup(Setup { client: s("codex"), remove: true, ..Setup::default() })),
            ("setup --list-keys", Verb::Setup(Setup { list_keys: true, ..Setup::default() })),
            ("setup --remove-key cursor", Verb::Setup(Setup { remove_key: s("cursor"), ..Setup::default() })),
        ];
        for (line, verb) in table {
            assert_eq!(parse(line).unwrap().verb, verb, "{line}");
            let global = parse(&format!("{line} --json --socket /run/x.sock")).unwrap();
            assert!(global.json && global.socket.is_some(), "{line}: global flags stand anywhere");
            assert_eq!(global.verb, verb, "{line}");
        }
    }

    #[test]
    fn a_wrong_use_exits_2() {
        for line in [
            "",
            "fly",
            "token",
            "token a b",
            "token a --min-ttl -1",
            "token a --token x",
            "policy check",
            "retry",
            "setup --remove",
            "setup codex --remove --print",
            "setup codex --door window",
            "setup key",
            "setup --list-keys --remove-key x",
            "setup --list-keys key x",
            "status --socket",
            "status --watch --schema",
        ] {
            assert_eq!(parse(line).unwrap_err(), 2, "{line:?}");
        }
    }

    #[test]
    fn help_and_version_are_no_failures() {
        for line in ["--help", "--version", "token --help", "policy check --help"] {
            assert_eq!(parse(line).unwrap_err(), 0, "{line}");
        }
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Lanyard::command().debug_assert();
    }
}
