//! `lanyard`: the agent without a tray, and every verb.

fn main() -> std::process::ExitCode {
    lanyard_cli::main()
}
