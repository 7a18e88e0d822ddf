//! A `.reg` file: `reg import`, Group Policy preferences, and whoever writes the registry by script.

use policy::kinds::Kind;
use serde_json::Value;

use super::Export;

const KEY: &str = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Lanyard";

/// The file, with the line ends that Windows' editor writes. Importing it leaves nothing of an earlier policy.
pub(super) fn text(export: &Export) -> String {
    let mut values = String::new();
    let mut keys = String::new();
    for (setting, value) in export.values() {
        match (setting.kind, value) {
            (Kind::List { .. }, Value::Array(entries)) => {
                keys.push_str(&key(setting.name));
                for (place, entry) in entries.iter().enumerate() {
                    keys.push_str(&format!("\"{}\"={}\r\n", place + 1, data(&plain(entry))));
                }
            }
            (Kind::Servers, Value::Object(servers)) => {
                keys.push_str(&key(setting.name));
                for (id, server) in servers {
                    keys.push_str(&format!("{}={}\r\n", quoted(id), quoted(&ascii(server))));
                }
            }
            (_, Value::Bool(yes)) => values.push_str(&format!("\"{}\"=dword:{:08x}\r\n", setting.name, u8::from(*yes))),
            (_, Value::Number(number)) => {
                values.push_str(&format!("\"{}\"=dword:{:08x}\r\n", setting.name, number.as_u64().unwrap_or_default()));
            }
            (_, value) => values.push_str(&format!("\"{}\"={}\r\n", setting.name, data(&plain(value)))),
        }
    }
    format!("Windows Registry Editor Version 5.00\r\n\r\n[-{KEY}]\r\n\r\n[{KEY}]\r\n{values}{keys}")
}

fn key(name: &str) -> String {
    format!("\r\n[{KEY}\\{name}]\r\n")
}

/// A text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| ascii(value), str::to_owned)
}

/// JSON in ASCII: a file without a byte order mark is read in the machine's own code page.
fn ascii(value: &Value) -> String {
    let escape = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    value.to_string().chars().map(escape).collect()
}

/// A text as it is in ASCII, and otherwise by the bytes of `REG_SZ`, which no code page changes.
fn data(text: &str) -> String {
    if text.is_ascii() {
        return quoted(text);
    }
    let bytes: Vec<String> =
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).map(|byte| format!("{byte:02x}")).collect();
    format!("hex(1):{}", bytes.join(","))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}
